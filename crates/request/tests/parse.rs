//! What a request means, and all that can be wrong with it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{MaskMode, Occurrence};
use request::{
    Defaults, Generation, GenerationRequest, LayoutSource, RequestError, Scheduler, Seed, Size,
    TimestepSpacing,
};
use serde_json::{Value, json};

fn with(fields: Value) -> Value {
    let mut request = json!({
        "layout": {"runs": {"width": 8, "height": 8, "regions": 2, "runs": "40A24B"}},
        "regions": [{"text": "a beach"}, {"text": "a dog"}],
    });
    request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    request
}

fn parse(fields: Value) -> Result<Generation, RequestError> {
    serde_json::from_value::<GenerationRequest>(with(fields)).unwrap().parse(&Defaults::default())
}

/// The problems as (path, allowed).
fn problems(fields: Value) -> Vec<(String, String)> {
    parse(fields).unwrap_err().problems.into_iter().map(|problem| (problem.path, problem.allowed)).collect()
}

fn paths(fields: Value) -> Vec<String> {
    problems(fields).into_iter().map(|(path, _)| path).collect()
}

#[test]
fn a_layout_and_its_texts_are_enough() {
    let generation = parse(json!({})).unwrap();
    assert_eq!(generation.prompt, "a beach , a dog");
    assert_eq!((generation.sampling.steps, generation.samples, generation.guidance_scale), (50, 1, 7.5));
    assert_eq!(generation.size, Size::new(512, 512).unwrap());
    assert_eq!((generation.seed, generation.sampling.scheduler), (Seed::Random, Scheduler::Ddim));
    assert_eq!(
        (generation.sampling.timestep_spacing, generation.sampling.karras, generation.sampling.eta),
        (None, None, 0.0)
    );
    assert_eq!(generation.masks, MaskMode::KeepThin);
    let settings = generation.modulation.settings();
    assert_eq!((settings.w_cross, settings.w_self, settings.size_adjust), (1.0, 0.3, 1.0));
    assert_eq!((settings.modulated_fraction, settings.exponent), (0.3, 5.0));
    assert!(matches!(&generation.layout, LayoutSource::Runs(layout) if layout.areas() == [40, 24]));
}

#[test]
fn every_field_reaches_the_generation() {
    let generation = parse(json!({
        "regions": [
            {"text": "", "weight": 0.5, "start": 0.1, "end": 0.9, "occurrence": 3},
            {"text": "a dog", "occurrence": "all"},
        ],
        "prompt": "a dog and a dog", "negative_prompt": "blur", "width": 640, "height": 384, "seed": 381940206,
        "steps": 20, "guidance_scale": 5, "scheduler": "dpmpp_2m", "timestep_spacing": "trailing", "karras": true,
        "eta": 1, "samples": 4, "w_cross": 2, "w_self": 0, "size_adjust": 0.5, "modulated_fraction": 1,
        "exponent": 3, "masks": "keep-thin", "inpaint": {"image": "0.png", "regions": [1]},
    }))
    .unwrap();
    assert_eq!(
        (generation.prompt.as_str(), generation.negative_prompt.as_str()),
        ("a dog and a dog", "blur")
    );
    assert_eq!(generation.size.to_string(), "640x384");
    assert_eq!(
        (generation.seed, generation.sampling.scheduler),
        (Seed::Fixed(381_940_206), Scheduler::Dpmpp2m)
    );
    assert_eq!(
        (generation.sampling.timestep_spacing, generation.sampling.karras),
        (Some(TimestepSpacing::Trailing), Some(true))
    );
    assert_eq!(generation.regions[0].occurrence, Some(Occurrence::Nth(3.try_into().unwrap())));
    assert_eq!(generation.regions[1].occurrence, Some(Occurrence::All));
    let region = generation.modulation.region(0);
    assert_eq!((region.weight, region.start, region.end), (0.5, 0.1, 0.9));
    assert_eq!((generation.sampling.steps, generation.samples), (20, 4));
    assert_eq!(generation.modulation.settings().exponent, 3.0);
}

#[test]
fn eta_is_ddims_alone() {
    let eta = |scheduler: &str| {
        let regions = json!([{"text": ""}, {"text": "a dog"}]);
        parse(json!({"regions": regions, "scheduler": scheduler, "eta": 0.5})).unwrap().sampling.eta
    };
    assert_eq!([eta("ddim"), eta("euler"), eta("dpmpp_2m")], [0.5, 0.0, 0.0]);
}

#[test]
fn empty_texts_are_left_out_of_the_joined_prompt() {
    let regions = json!([{"text": " "}, {"text": "a dog"}]);
    assert_eq!(parse(json!({"regions": regions, "prompt": ""})).unwrap().prompt, "a dog");
}

#[test]
fn all_problems_are_listed_with_path_and_limits() {
    let found = problems(json!({
        "regions": [{"text": "a beach"}, {"text": "a dog", "weight": -1, "start": 2, "occurrence": 0}],
        "width": 500, "height": 8192, "seed": -2, "steps": 0, "guidance_scale": -1, "eta": 1.5, "samples": 17,
        "w_cross": 3, "size_adjust": 2,
    }));
    let expected = [
        ("regions[1].occurrence", "a number from 1, or \"all\""),
        ("width", "a multiple of 8 from 8 to 4096"),
        ("height", "a multiple of 8 from 8 to 4096"),
        ("seed", "-1 to 9007199254740992"),
        ("steps", "1 to 1000"),
        ("guidance_scale", "0 to 50"),
        ("eta", "0 to 1"),
        ("samples", "1 to 16"),
        ("w_cross", "0 to 2"),
        ("size_adjust", "0 to 1"),
        ("regions[1].weight", "0 to 2"),
        ("regions[1].start", "0 to 1"),
    ];
    let found: Vec<(&str, &str)> =
        found.iter().map(|(path, allowed)| (path.as_str(), allowed.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn an_error_is_one_line() {
    let line = parse(json!({"steps": 0, "samples": 99})).unwrap_err().to_string();
    assert_eq!(
        line,
        "the request is not valid: steps: is 0; allowed: 1 to 1000 | samples: is 99; allowed: 1 to 16"
    );
}

#[test]
fn numbers_that_are_none_are_refused() {
    let request: GenerationRequest = serde_json::from_value(with(json!({}))).unwrap();
    let wrong = GenerationRequest {
        w_cross: Some(f64::NAN),
        w_self: Some(f64::INFINITY),
        guidance_scale: Some(f64::NAN),
        eta: Some(f64::NEG_INFINITY),
        constant: Some(f64::NAN),
        ..request
    };
    let error = wrong.parse(&Defaults::default()).unwrap_err();
    let paths: Vec<&str> = error.problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["guidance_scale", "eta", "w_cross", "w_self", "constant"]);
    assert!(error.to_string().contains("w_cross: is NaN"), "{error}");
}

#[test]
fn texts_are_at_most_ten_thousand_characters() {
    let (fits, long) = ("é".repeat(10_000), "x".repeat(100_000));
    assert!(parse(json!({"prompt": fits, "negative_prompt": fits})).is_ok());
    let regions = json!([{"text": ""}, {"text": long}]);
    let found = paths(json!({"prompt": long, "negative_prompt": long, "regions": regions}));
    assert_eq!(found, ["regions[1].text", "prompt", "negative_prompt"]);
    let line = parse(json!({"prompt": long})).unwrap_err().to_string();
    assert!(line.contains("prompt: has 100000 characters; allowed: at most 10000"), "{line}");
    // Texts that fit may be too long once joined.
    let regions = json!([{"text": fits}, {"text": "a dog"}]);
    assert_eq!(paths(json!({"regions": regions})), ["prompt"]);
}

#[test]
fn the_texts_are_as_many_as_the_regions() {
    let line = parse(json!({"regions": [{"text": "a"}]})).unwrap_err().to_string();
    assert!(
        line.contains("regions: has 1 texts; allowed: one text per region of the layout, which has 2"),
        "{line}"
    );
    let many: Vec<Value> = (0..40).map(|_| json!({"text": ""})).collect();
    let layout = json!({"path": "layout.png"});
    assert_eq!(problems(json!({"layout": layout, "regions": many})), [("regions".into(), "1 to 32".into())]);
    assert_eq!(paths(json!({"layout": layout, "regions": []})), ["regions"]);
}

#[test]
fn a_broken_layout_is_named() {
    let layout = json!({"runs": {"width": 20000, "height": 20000, "regions": 2, "runs": "400000000A"}});
    let line = parse(json!({"layout": layout})).unwrap_err().to_string();
    assert!(line.contains("layout.runs: the layout is 20000 x 20000 pixels"), "{line}");
    for (layout, path) in [(json!({"png": ""}), "layout.png"), (json!({"path": ""}), "layout.path")] {
        assert_eq!(paths(json!({"layout": layout})), [path]);
    }
}

#[test]
fn what_is_painted_anew_are_regions_of_the_layout() {
    let regions = |regions: Value| json!({ "inpaint": { "image": "0.png", "regions": regions } });
    let inpaint = parse(regions(json!([1, 0]))).unwrap().inpaint.unwrap();
    assert_eq!((inpaint.image.as_str(), &inpaint.regions[..]), ("0.png", &[0, 1][..]));
    for wrong in [json!([]), json!([2]), json!([-1]), json!([1, 1])] {
        let expected = ("inpaint.regions".to_owned(), "at least one of 0 to 1, each once".to_owned());
        assert_eq!(problems(regions(wrong.clone())), [expected], "{wrong}");
    }
    assert_eq!(paths(json!({ "inpaint": { "image": "", "regions": [1] } })), ["inpaint.image"]);
}

#[test]
fn unknown_and_missing_fields_are_refused() {
    let refused =
        |request: Value| serde_json::from_value::<GenerationRequest>(request).unwrap_err().to_string();
    assert!(refused(with(json!({"stepz": 3}))).contains("unknown field `stepz`"));
    assert!(
        refused(with(json!({"regions": [{"text": "", "colour": 1}]}))).contains("unknown field `colour`")
    );
    assert!(refused(with(json!({"layout": {"url": "x"}}))).contains("unknown variant `url`"));
    assert!(refused(with(json!({"scheduler": "ddpm"}))).contains("`euler_ancestral`"));
    assert!(refused(json!({"regions": []})).contains("missing field `layout`"));
}

#[test]
fn a_model_may_have_its_own_defaults() {
    let defaults: Defaults = serde_json::from_str(r#"{"width": 256, "height": 192, "steps": 30}"#).unwrap();
    let request: GenerationRequest = serde_json::from_value(with(json!({"width": 64}))).unwrap();
    let generation = request.parse(&defaults).unwrap();
    assert_eq!((generation.size.width(), generation.size.height(), generation.sampling.steps), (64, 192, 30));
    assert_eq!(generation.guidance_scale, 7.5);
    assert!(serde_json::from_str::<Defaults>(r#"{"step": 3}"#).is_err());
}

#[test]
fn a_models_karras_sigmas_are_no_wish_of_who_names_a_scheduler_without_them() {
    let defaults = Defaults { scheduler: Scheduler::Dpmpp2m, karras: Some(true), ..Defaults::default() };
    let karras = |fields: Value| {
        let request: GenerationRequest = serde_json::from_value(with(fields)).unwrap();
        request.parse(&defaults).unwrap().sampling.karras
    };
    assert_eq!(karras(json!({})), Some(true));
    assert_eq!(karras(json!({ "scheduler": "ddim" })), None);
    assert_eq!(
        karras(json!({ "scheduler": "ddim", "karras": true })),
        Some(true),
        "for the scheduler to refuse"
    );
}
