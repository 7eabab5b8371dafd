//! Project files and requests.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::{Document, Editor, Message, Note, OpenError, Opened, Parameter, RegionEdit, TextEdit, Tool};
use layout::LayoutWire;
use request::{Defaults, GenerationRequest, LayoutRequest, RegionRequest, Scheduler, limits};
use serde_json::{Value, json};

fn drawn() -> Editor {
    let mut editor = editor(768, 512, 4);
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(100.0, 100.0), (300.0, 300.0)]);
    send(&mut editor, Message::Select(id(4)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(400.0, 0.0), (500.0, 512.0)]);
    for edit in [
        RegionEdit::Remove(id(2)),
        RegionEdit::Reorder { id: id(4), to: 1 },
        RegionEdit::Text(id(1), "a \"cat\"\n".to_owned()),
        RegionEdit::Text(id(4), "ein Hündchen 🐕".to_owned()),
        RegionEdit::Recolor(id(4), [1, 2, 3]),
        RegionEdit::Lock(id(1), true),
        RegionEdit::Weight(id(1), 0.1 + 0.2),
        RegionEdit::Window { id: id(4), start: 1.0 / 3.0, end: 0.9 },
        RegionEdit::Occurrence(id(1), layout::Occurrence::All),
    ] {
        send(&mut editor, Message::Region(edit));
    }
    for parameter in [
        Parameter::Seed(Some(114_972_190)),
        Parameter::Steps(Some(30)),
        Parameter::Scheduler(Some(Scheduler::Euler)),
        Parameter::WSelf(Some(0.7)),
        Parameter::Eta(Some(0.5)),
        Parameter::NegativePrompt(Some("blurry".to_owned())),
    ] {
        send(&mut editor, Message::Parameter(parameter));
    }
    editor
}

#[test]
fn a_project_file_brings_the_very_document_back() {
    let mut editor = drawn();
    let check = |editor: &Editor| {
        let opened = Opened::of_project(&editor.document().to_project()).unwrap();
        assert_eq!(&opened.document, editor.document());
        assert!(opened.notes.is_empty());
    };
    check(&editor);
    // A text that equals the joined one, but is to stay as it is.
    send(&mut editor, Message::Text(TextEdit::Full("now".to_owned())));
    send(&mut editor, Message::Region(RegionEdit::Text(id(4), "now".to_owned())));
    send(&mut editor, Message::Region(RegionEdit::Text(id(1), String::new())));
    assert!(!editor.document().text_follows());
    check(&editor);
    send(&mut editor, Message::Text(TextEdit::Full(String::new())));
    check(&editor);
}

#[test]
fn what_a_picture_carries_brings_layout_texts_seed_and_parameters_back() {
    let editor = drawn();
    let defaults = Defaults { w_cross: 0.4, samples: 3, ..Defaults::default() };
    let generation = editor.document().to_request().parse(&defaults).unwrap();
    let carried = generation.to_request(77);
    let document = Opened::of_request(&carried).unwrap().document;
    assert_eq!(document.layout(), editor.document().layout());
    assert_eq!(document.picture(), editor.document().picture());
    assert_eq!(document.full_text(), editor.document().full_text());
    assert!(document.text_follows());
    assert_eq!((document.parameters().seed, document.parameters().samples), (Some(77), Some(3)));
    // The same generation, whatever the defaults are by then.
    let again = document.to_request().parse(&Defaults::default()).unwrap();
    assert_eq!(again, request::Generation { seed: request::Seed::Fixed(77), ..generation });
}

fn request(width: u32, height: u32, runs: &str, size: (i64, i64)) -> GenerationRequest {
    let wire = LayoutWire { width, height, regions: 2, runs: runs.to_owned() };
    let regions = vec![RegionRequest::default(); 2];
    GenerationRequest {
        width: Some(size.0),
        height: Some(size.1),
        ..GenerationRequest::new(LayoutRequest::Runs(wire), regions)
    }
}

#[test]
fn a_coarse_layout_is_enlarged_by_a_whole_factor() {
    let opened = Opened::of_request(&request(3, 2, "ABABAB", (768, 512))).unwrap();
    let map = opened.document.map();
    assert_eq!((map.width(), map.height(), opened.notes.len()), (3 * 171, 2 * 171, 0));
    assert_eq!(map.areas()[..2], [3 * 171 * 171; 2]);
    assert_eq!((map.at(171, 170), map.at(171, 171)), (Some(id(1)), Some(id(0))));
}

#[test]
fn what_a_layout_loses_is_told() {
    let opened = Opened::of_request(&request(2, 2, "AB-A", (768, 512))).unwrap();
    let told = [Note::Unassigned(1), Note::Resampled { from: (2, 2), to: (768, 512) }];
    assert_eq!(opened.notes, told);
    assert_eq!(opened.document.map().areas()[1], 768 * 512 / 4);
}

#[test]
fn a_layout_in_a_picture_is_refused_with_a_way_out() {
    let request =
        GenerationRequest::new(LayoutRequest::Png("AAAA".to_owned()), vec![RegionRequest::default()]);
    let error = Opened::of_request(&request).unwrap_err();
    assert!(error.to_string().contains("open the layout picture itself"), "{error}");
}

fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut project: Value = serde_json::from_str(&drawn().document().to_project()).unwrap();
    change(&mut project);
    project.to_string()
}

#[test]
fn a_bad_project_file_is_told_what_is_wrong() {
    let bad: [(String, &str); 12] = [
        (String::new(), "no project file: EOF"),
        ("[1, 2]".to_owned(), "no project file: invalid type"),
        ("{}".to_owned(), "no project of this studio"),
        (changed(|it| it["version"] = json!(9)), "version 9"),
        (changed(|it| it["regions"][1]["color"] = json!("red")), "regions[1].color is \"red\""),
        (changed(|it| it["regions"][1]["number"] = json!(0)), "regions[1].number is 0"),
        (changed(|it| it["regions"][0]["number"] = json!(5)), "regions[0].number is 5"),
        (changed(|it| it["regions"][1]["number"] = json!(32)), "regions[1].number is 32"),
        (changed(|it| it["regions"][2]["hatch"] = json!(3)), "regions[2].hatch is 3"),
        (changed(|it| it["regions"] = json!([])), "0 looks for 4 regions"),
        (changed(|it| it["request"]["layout"]["runs"]["runs"] = json!("12A")), "layout.runs"),
        (changed(|it| it["request"]["steps"] = json!(0)), "steps: is 0; allowed: 1 to 1000"),
    ];
    for (text, message) in bad {
        let error = Opened::of_project(&text).unwrap_err().to_string();
        assert!(error.contains(message), "{error:?} lacks {message:?}");
    }
    let huge = " ".repeat(editor::MAX_PROJECT_BYTES + 1);
    assert!(matches!(Opened::of_project(&huge), Err(OpenError::TooLarge { .. })));
}

#[test]
fn limits_are_those_of_a_request() {
    let parses = |parameter: Parameter| {
        let mut editor = editor(512, 64, 1);
        send(&mut editor, Message::Parameter(parameter));
        editor.document().to_request().parse(&Defaults::default()).is_ok()
    };
    for end in [f64::NEG_INFINITY, f64::INFINITY, f64::NAN] {
        for set in [
            Parameter::GuidanceScale,
            Parameter::Eta,
            Parameter::WCross,
            Parameter::WSelf,
            Parameter::SizeAdjust,
            Parameter::ModulatedFraction,
        ] {
            assert!(parses(set(Some(end))));
        }
    }
    for end in [i64::MIN, i64::MAX] {
        assert!(parses(Parameter::Steps(Some(end))) && parses(Parameter::Samples(Some(end))));
    }
    assert!(parses(Parameter::Seed(Some(u64::MAX))));
    // And no narrower: one step beyond is refused.
    let refused = |change: fn(&mut GenerationRequest)| {
        let mut request = Document::default().to_request();
        change(&mut request);
        request.parse(&Defaults::default()).is_err()
    };
    assert!(refused(|it| it.steps = Some(limits::STEPS.end() + 1)));
    assert!(refused(|it| it.samples = Some(limits::SAMPLES.end() + 1)));
    assert!(refused(|it| it.guidance_scale = Some(limits::GUIDANCE_SCALE.end() + 0.01)));
    assert!(refused(|it| it.w_cross = Some(limits::MODULATION.end() + 0.01)));
    assert!(refused(|it| it.exponent = Some(limits::EXPONENT.end() + 0.01)));
    assert!(refused(|it| it.constant = Some(limits::CONSTANT.start() / 2.0)));
}

#[test]
fn a_sampler_without_karras_sigmas_is_chosen_without_them() {
    let mut editor = drawn();
    let mut karras_with = |scheduler| {
        send(&mut editor, Message::Parameter(Parameter::Karras(Some(true))));
        send(&mut editor, Message::Parameter(Parameter::Scheduler(scheduler)));
        editor.document().to_request().karras
    };
    assert_eq!(karras_with(Some(Scheduler::Dpmpp2m)), Some(true));
    assert_eq!(karras_with(Some(Scheduler::EulerAncestral)), None);
    assert_eq!(karras_with(None), None, "the model's own may have none");
}

#[test]
fn parameters_lie_over_a_models_defaults() {
    let defaults = Defaults { steps: 20, w_self: 0.5, ..Defaults::default() };
    let values = drawn().document().parameters().over(&defaults);
    assert_eq!((values.steps, values.w_self, values.w_cross), (30, 0.7, 1.0));
    assert_eq!((values.scheduler, values.width), (Scheduler::Euler, 512));
}

#[test]
fn a_document_for_a_small_model_has_a_map_that_can_be_drawn_on() {
    for ((width, height), map) in [
        ((64, 64), (512, 512)),
        ((384, 256), (768, 512)),
        ((512, 512), (512, 512)),
        ((1024, 576), (1024, 576)),
        ((2048, 1152), (1024, 576)),
        ((4096, 8), (1024, 2)),
    ] {
        let defaults = Defaults { width, height, ..Defaults::default() };
        let document = Document::for_model(&defaults);
        assert_eq!((document.map().width(), document.map().height()), map);
        let request = document.to_request();
        assert_eq!((request.width, request.height), (Some(width), Some(height)));
    }
}
