//! What is refused, because it would change the web UI's picture, and what is not.

use serde_json::{Value, json};

use crate::common::studio::{Studio, request};
use crate::txt2img;

#[test]
fn what_asks_for_nothing_is_painted_and_what_would_change_the_picture_is_refused_by_name() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let ready = client.submit(&request(1));
    client.end(&ready);

    let settings = json!({ "sd_model_checkpoint": "shallow", "sd_vae": "Automatic", "CLIP_stop_at_last_layers": 1, "samples_format": "png" });
    let neutral = [
        json!({}),
        json!({ "styles": [], "subseed_strength": 0.0, "seed_resize_from_h": 0, "s_churn": 0, "s_noise": 1 }),
        json!({ "refiner_checkpoint": "None", "script_name": "None", "eta": 1, "sampler_name": "Euler a" }),
        json!({ "override_settings": settings.clone() }),
    ];
    for changes in neutral {
        let reply = txt2img(&client, &changes).json::<Value>(200);
        assert_eq!(reply["images"].as_array().unwrap().len(), 1, "{changes}");
    }

    for settings in [json!({}), settings] {
        let reply = client.post("!/sdapi/v1/options", &settings);
        assert_eq!(reply.json::<Value>(200), Value::Null, "{settings}");
    }

    let refused = |changes: Value, field: &str| {
        let failure = txt2img(&client, &changes).refused(422);
        let fields: Vec<_> = failure.fields.into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, [field], "{changes}");
    };
    let fields = [
        ("enable_hr", json!(true)),
        ("firstphase_width", json!(64)),
        ("infotext", json!("a desert\nSteps: 20")),
        ("override_settings", json!(1)),
        ("refiner_checkpoint", json!("refiner")),
        ("s_churn", json!(0.5)),
        ("s_min_uncond", json!(1.0)),
        ("script_name", json!("X/Y/Z plot")),
        ("seed_resize_from_h", json!(512)),
        ("styles", json!(["cinematic"])),
        ("subseed_strength", json!(0.1)),
        ("tiling", json!(true)),
    ];
    for (field, value) in fields {
        refused(json!({ field: value }), field);
    }
    let settings = [
        ("CLIP_stop_at_last_layers", json!(2)),
        ("eta_noise_seed_delta", json!(31337)),
        ("samples_format", json!("jpg")),
        ("sd_model_checkpoint", json!("another")),
    ];
    for (setting, value) in settings {
        refused(
            json!({ "override_settings": { setting: value.clone() } }),
            &format!("override_settings.{setting}"),
        );
        let failure = client.post("!/sdapi/v1/options", &json!({ setting: value })).refused(422);
        assert_eq!(failure.fields[0].0, setting);
    }
    refused(json!({ "sampler_name": "Euler a", "eta": 0 }), "eta");
    // What is wrong is called as the client calls it.
    refused(json!({ "steps": "20" }), "steps");
    refused(json!({ "cfg_scale": -1 }), "cfg_scale");
    refused(json!({ "batch_size": 1000 }), "batch_size");
    for (ours, field) in [
        (json!({ "regions": [{ "text": "" }, { "text": 1 }] }), "regions[1].text"),
        (json!({ "regionz": [] }), "regionz"),
        (json!({ "layout": { "runs": { "width": "8" } } }), "layout.runs.width"),
    ] {
        refused(json!({ "alwayson_scripts": { "dense diffusion": { "args": [ours] } } }), field);
    }
}

#[test]
fn emphasis_is_refused_brackets_that_are_written_out_are_meant_and_notes_are_comments() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    let texts = [("prompt", "a (desert:1.3)"), ("prompt", "a [desert]"), ("negative_prompt", "((blurry))")];
    for (field, text) in texts {
        let refused = txt2img(&client, &json!({ (field): text })).refused(422);
        assert!(refused.fields[0].0 == field && refused.fields[0].1.contains("emphasis"), "{refused:?}");
    }
    let answer: Value = txt2img(&client, &json!({ "prompt": r"a \(dry\) desert" })).json(200);
    let info: Value = serde_json::from_str(answer["info"].as_str().unwrap()).unwrap();
    assert_eq!((&info["prompt"], &info["comments"]), (&json!(r"a \(dry\) desert"), &json!("")));
    assert!(info["infotexts"][0].as_str().unwrap().starts_with(r"a \(dry\) desert"), "{info}");
    let answer: Value = txt2img(&client, &json!({ "prompt": "a desert ".repeat(1000) })).json(200);
    let info: Value = serde_json::from_str(answer["info"].as_str().unwrap()).unwrap();
    assert!(info["comments"].as_str().unwrap().contains("tokens"), "what was left out is told: {info}");
}
