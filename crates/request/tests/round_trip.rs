//! A picture carries its request: nothing may change on the way out and back in, and nothing read may panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use proptest::prelude::*;
use request::{Defaults, Generation, GenerationRequest, Seed, a1111_parameters};
use serde_json::{Value, json};

fn region() -> impl Strategy<Value = Value> {
    let occurrence = prop_oneof![(1..9i64).prop_map(Value::from), Just(json!("all")), Just(Value::Null)];
    (".{0,20}", proptest::option::of(0.0..=2.0f64), 0.0..=0.5f64, 0.5..=1.0f64, occurrence).prop_map(
        |(text, weight, start, end, occurrence)| {
            json!({"text": text, "weight": weight, "start": start, "end": end, "occurrence": occurrence})
        },
    )
}

fn layout() -> impl Strategy<Value = (Value, usize)> {
    let runs = (1..=32usize).prop_map(|regions| {
        (json!({"runs": {"width": 5, "height": 3, "regions": regions, "runs": "9A-5A"}}), regions)
    });
    let other = (prop_oneof![Just("png"), Just("path")], "[a-z./]{1,9}", 1..=32usize)
        .prop_map(|(kind, value, regions)| (json!({kind: value}), regions));
    prop_oneof![runs, other]
}

/// Requests that parse, with any of the optional fields.
fn requests() -> impl Strategy<Value = Value> {
    let scheduler =
        prop_oneof![Just("ddim"), Just("euler"), Just("euler_ancestral"), Just("dpmpp_2m"), Just("lcm")];
    let spacing = prop_oneof![Just("leading"), Just("trailing"), Just("linspace")];
    let numbers = (0.0..=2.0f64, 0.0..=2.0f64, 0.0..=1.0f64, 0.0..=1.0f64, 0.0..=20.0f64, 0.0..=50.0f64);
    let whole = (1..=512i64, 1..=512i64, -1..=1i64 << 53, 1..=1000i64, 1..=16i64);
    let words = (".{0,40}", ".{0,40}", scheduler, spacing, any::<bool>(), any::<bool>());
    (layout(), proptest::collection::vec(region(), 32), numbers, whole, words, any::<u32>()).prop_map(
        |((layout, count), mut regions, n, (width, height, seed, steps, samples), words, leave_out)| {
            regions.truncate(count);
            let optional = json!({
                "prompt": words.0, "negative_prompt": words.1, "scheduler": words.2, "timestep_spacing": words.3,
                "karras": words.4, "masks": if words.5 { "nearest" } else { "keep_thin" },
                "w_cross": n.0, "w_self": n.1, "size_adjust": n.2, "modulated_fraction": n.3, "exponent": n.4,
                "guidance_scale": n.5, "eta": n.3, "width": 8 * width, "height": 8 * height, "seed": seed,
                "steps": steps, "samples": samples, "constant": 0.5 + n.4,
            });
            let fields = optional.as_object().unwrap().clone().into_iter().enumerate();
            let mut request = json!({"layout": layout, "regions": regions});
            let kept = fields.filter(|(n, _)| leave_out & (1 << n) == 0).map(|(_, field)| field);
            request.as_object_mut().unwrap().extend(kept);
            request
        },
    )
}

fn parse(json: &str, defaults: &Defaults) -> Generation {
    serde_json::from_str::<GenerationRequest>(json).unwrap().parse(defaults).unwrap()
}

/// Defaults that differ from the ordinary ones in every field that a request can override for good.
fn other_defaults() -> Defaults {
    let json = json!({
        "width": 64, "height": 72, "negative_prompt": "no", "steps": 3, "guidance_scale": 1.0, "scheduler": "euler",
        "eta": 0.5, "samples": 2, "w_cross": 0.1, "w_self": 0.1, "size_adjust": 0.1, "modulated_fraction": 0.1,
        "exponent": 1.0, "masks": "nearest",
    });
    serde_json::from_value(json).unwrap()
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("layout"),
        Just("regions"),
        Just("runs"),
        Just("png"),
        Just("path"),
        Just("text"),
        Just("steps"),
        Just("seed"),
        Just("width"),
        Just("height"),
        Just("w_self"),
        Just("occurrence"),
        Just("weight"),
        Just("end"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9A-Z]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        let map = proptest::collection::hash_map(key.clone(), inner.clone(), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            map.prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn a_generation_comes_back_from_its_request(request in requests(), seed in 0..=1u64 << 53) {
        let mut generation = parse(&request.to_string(), &Defaults::default());
        let carried = serde_json::to_string(&generation.to_request(seed)).unwrap();
        generation.seed = Seed::Fixed(seed);
        prop_assert_eq!(&parse(&carried, &other_defaults()), &generation);
        // And what was carried is its own request.
        prop_assert_eq!(serde_json::to_string(&generation.to_request(seed)).unwrap(), carried);
        let _ = a1111_parameters(&generation, seed, "model");
    }

    #[test]
    fn any_json_is_a_generation_or_an_error(value in any_json(), layout in any_json(), regions in any_json()) {
        for value in [value.clone(), json!({"layout": layout, "regions": regions, "steps": value})] {
            if let Ok(request) = serde_json::from_value::<GenerationRequest>(value) {
                let _ = request.parse(&Defaults::default());
            }
        }
    }

    #[test]
    fn any_numbers_are_a_generation_or_an_error(
        (a, b, c) in (any::<i64>(), any::<i64>(), any::<i64>()),
        (d, e) in (any::<f64>(), any::<f64>()),
        runs in "[0-9A-C-]{0,12}",
    ) {
        let json = json!({
            "layout": {"runs": {"width": a as u32 % 9, "height": b as u32 % 9, "regions": c as u32 % 40, "runs": runs}},
            "regions": [{"text": "", "weight": d, "start": e, "end": d, "occurrence": a}],
            "width": a, "height": b, "seed": c, "steps": a, "samples": b, "w_cross": d, "exponent": e,
        });
        let request: GenerationRequest = serde_json::from_value(json).unwrap();
        if let Err(error) = request.parse(&Defaults::default()) {
            prop_assert!(!error.problems.is_empty());
        }
    }
}

#[test]
fn parameters_are_written_as_the_web_ui_does() {
    let json = json!({
        "layout": {"path": "l.png"}, "regions": [{"text": "a beach"}], "negative_prompt": "blur, noise",
        "scheduler": "dpmpp_2m", "karras": true, "width": 640, "constant": 2.5,
    });
    let generation = parse(&json.to_string(), &Defaults::default());
    assert_eq!(
        a1111_parameters(&generation, 1, "sd, v1"),
        "a beach\nNegative prompt: blur, noise\nSteps: 50, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, \
         Seed: 1, Size: 640x512, Model: \"sd, v1\", Modulation constant: 2.5"
    );
    let plain = parse(r#"{"layout": {"path": "l.png"}, "regions": [{"text": "a"}]}"#, &Defaults::default());
    assert_eq!(
        a1111_parameters(&plain, 7, "sd15"),
        "a\nSteps: 50, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 512x512, Model: sd15"
    );
}
