//! `/sdapi/v1`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod refused;

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::studio::{Client, Reply, Studio, endless, request};
use common::{checkpoint, copied};
use serde_json::{Value, json};

/// A request with all fields as the web UI fills them in (1.10), but for a text and what it takes to be painted at once.
const DEFAULTS: &str = r#"{
    "prompt": "a desert", "negative_prompt": "", "styles": null, "seed": -1, "subseed": -1, "subseed_strength": 0,
    "seed_resize_from_h": -1, "seed_resize_from_w": -1, "sampler_name": null, "scheduler": null, "batch_size": 1,
    "n_iter": 1, "steps": 2, "cfg_scale": 7.0, "width": 64, "height": 64, "restore_faces": null, "tiling": null,
    "do_not_save_samples": false, "do_not_save_grid": false, "eta": null, "denoising_strength": 0, "s_min_uncond": null,
    "s_churn": null, "s_tmax": null, "s_tmin": null, "s_noise": null, "override_settings": null,
    "override_settings_restore_afterwards": true, "refiner_checkpoint": null, "refiner_switch_at": null,
    "disable_extra_networks": false, "firstpass_image": null, "comments": null, "enable_hr": false,
    "firstphase_width": 0, "firstphase_height": 0, "hr_scale": 2.0, "hr_upscaler": null, "hr_second_pass_steps": 0,
    "hr_resize_x": 0, "hr_resize_y": 0, "hr_checkpoint_name": null, "hr_sampler_name": null, "hr_scheduler": null,
    "hr_prompt": "", "hr_negative_prompt": "", "force_task_id": null, "sampler_index": "Euler", "script_name": null,
    "script_args": [], "send_images": true, "save_images": false, "alwayson_scripts": {}, "infotext": null
}"#;

/// Asks for the defaults with some fields changed.
fn txt2img(client: &Client, changes: &Value) -> Reply {
    let mut wanted: Value = serde_json::from_str(DEFAULTS).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        wanted[field] = value.clone();
    }
    client.post("!/sdapi/v1/txt2img", &wanted)
}

#[test]
fn a_program_for_the_web_ui_paints_with_regions_looks_on_and_interrupts() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    assert!(python.exists(), "`cargo xtask setup` fetches the Python packages of the tests");
    let data = tempfile::tempdir().unwrap();
    // It asks for the progress as fast as it can, which a slow machine's limit would end.
    let studio =
        Studio::with("--max-steps 1000 --requests-per-minute 0", data.path(), &checkpoint("shallow"));
    let mut client = studio.client();
    let ready = client.submit(&request(1));
    client.end(&ready);
    let port = client.own_origin().rsplit(':').next().unwrap().to_owned();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdapi.py");
    let output = Command::new(python).arg(script).arg(port).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[cfg(unix)]
fn whoever_waits_for_a_model_that_cannot_be_loaded_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    // Whoever reads it waits until it is written.
    let config = model.join("unet/config.json");
    std::fs::remove_file(&config).unwrap();
    assert!(Command::new("mkfifo").arg(&config).status().unwrap().success());
    let studio = Studio::with("--requests-per-minute 0", &folder.path().join("data"), &model);
    let (asking, looking) = (studio.client(), studio.client());
    let reply = std::thread::scope(|scope| {
        let asked = scope.spawn(|| txt2img(&asking, &json!({})));
        let waiting =
            || looking.get("!/sdapi/v1/progress").json::<Value>(200)["state"]["job_count"] == json!(1);
        while !waiting() {}
        std::fs::write(&config, "not JSON").unwrap();
        asked.join().unwrap()
    });
    let told = reply.refused(503).message;
    assert!(told.contains("cannot be loaded"), "{told}");
}

#[test]
fn progress_and_interrupt_are_about_the_clients_own() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let (mut one, other) = (studio.client(), studio.client());
    let job = one.submit(&endless());
    one.events(&job).reach(common::studio::at_step(1));
    let of = |client: &Client| client.get("!/sdapi/v1/progress").json::<Value>(200);
    assert_eq!((&of(&one)["state"]["job_count"], &of(&other)["state"]["job_count"]), (&json!(1), &json!(0)));
    other.ask("POST", "!/sdapi/v1/interrupt", &[], None).json::<Value>(200);
    assert!(!one.job(&job).state.is_final(), "it is another's");
    one.ask("POST", "!/sdapi/v1/interrupt", &[], None).json::<Value>(200);
    assert_eq!(one.job(&job).state, api::State::Cancelled);
}

#[test]
fn what_clients_send_by_habit_does_no_harm() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    for written in ["True", "true", "1", "false"] {
        client.get(&format!("!/sdapi/v1/progress?skip_current_image={written}")).json::<Value>(200);
    }
    client.get("!/sdapi/v1/progress?skip_current_image=maybe").refused(400);
    // A script that is known to the client and switched off, and fields that nobody knows.
    let off = json!({ "ADetailer": { "args": [false] }, "ControlNet": { "args": [] } });
    let changes = json!({ "alwayson_scripts": off, "junk": vec![[0]; 1000], "seed": 5 });
    let reply = txt2img(&client, &changes).json::<Value>(200);
    assert_eq!((&reply["parameters"]["seed"], &reply["parameters"]["junk"]), (&json!(5), &Value::Null));
    let on = json!({ "alwayson_scripts": { "ADetailer": { "args": [true] } } });
    assert_eq!(txt2img(&client, &on).refused(422).fields[0].0, "alwayson_scripts.ADetailer");
}

#[test]
fn programs_of_one_address_that_keep_no_cookies_are_one_client() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--max-steps 1000 --requests-per-minute 0 --trusted-proxy 127.0.0.0/8";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let (painter, looker, named) = (studio.client(), studio.client(), studio.client().greeted());
    let ask = |client: &Client, address: &str, method: &str, path: &str, body: Option<&str>| {
        client.ask(method, &format!("!/sdapi/v1/{path}"), &[("x-forwarded-for", address)], body)
    };
    let open = |client: &Client, address: &str| {
        let reply = ask(client, address, "GET", "progress", None);
        assert_eq!(reply.header("set-cookie"), None);
        reply.json::<Value>(200)["state"]["job_count"].clone()
    };
    let interrupt = |client: &Client, address: &str| {
        ask(client, address, "POST", "interrupt", None).json::<Value>(200);
    };
    let wanted = json!({ "prompt": "a desert", "width": 256, "height": 256, "steps": 1000 }).to_string();
    std::thread::scope(|scope| {
        let painting = scope.spawn(|| ask(&painter, "1.1.1.1", "POST", "txt2img", Some(&wanted)));
        while open(&looker, "1.1.1.1") != 1 {
            assert!(!painting.is_finished());
        }
        for (client, address) in [(&looker, "2.2.2.2"), (&named, "1.1.1.1")] {
            assert_eq!(open(client, address), 0);
            interrupt(client, address);
        }
        assert_eq!((open(&looker, "1.1.1.1"), painting.is_finished()), (json!(1), false), "it is another's");
        interrupt(&looker, "1.1.1.1");
        let reply = painting.join().unwrap();
        assert_eq!(reply.header("set-cookie"), None, "nobody is told the name that they share");
        assert_eq!(reply.json::<Value>(200)["images"], json!([]));
    });
    assert_eq!(looker.history(), [], "elsewhere they are nobody");
}

#[test]
fn what_is_painted_for_a_program_when_the_server_ends_waits_for_nobody_thereafter() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--max-steps 1000 --requests-per-minute 0";
    let studio = Studio::with(flags, data.path(), &checkpoint("shallow"));
    let (painter, looker) = (studio.client(), studio.client());
    let open =
        |client: &Client| client.get("!/sdapi/v1/progress").json::<Value>(200)["state"]["job_count"].clone();
    std::thread::scope(|scope| {
        let changes = json!({ "width": 256, "height": 256, "steps": 1000 });
        let painting = scope.spawn(move || txt2img(&painter, &changes));
        while open(&looker) != 1 {
            assert!(!painting.is_finished());
        }
        assert!(studio.interrupt());
        assert!(painting.join().unwrap().refused(503).message.contains("send this again"));
    });
    assert_eq!(open(&Studio::with(flags, data.path(), &checkpoint("shallow")).client()), 0);
}

#[test]
fn pictures_that_share_a_seed_are_told_apart_by_their_place() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let client = studio.client();
    let info = |changes: Value| -> Value {
        let reply = txt2img(&client, &changes).json::<Value>(200);
        serde_json::from_str(reply["info"].as_str().unwrap()).unwrap()
    };
    let two = info(json!({ "seed": 9, "n_iter": 2 }));
    assert_eq!((&two["all_seeds"], &two["batch_size"]), (&json!([9, 9]), &json!(1)));
    for place in 0..2 {
        let text = two["infotexts"][place].as_str().unwrap();
        assert!(text.contains("Seed: 9,") && text.ends_with(&format!(", Batch size: 2, Batch pos: {place}")));
    }
    let one = info(json!({ "seed": 9 }));
    assert!(!one["infotexts"][0].as_str().unwrap().contains("Batch"), "{one}");
}

#[test]
fn without_regions_the_model_alone_paints_whatever_its_own_strengths() {
    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    std::fs::write(model.join("defaults.json"), r#"{ "w_cross": 2, "w_self": 2, "size_adjust": 0.5 }"#)
        .unwrap();
    let studio = Studio::with("--max-steps 1000", &folder.path().join("data"), &model);
    let mut client = studio.client();
    let ready = client.submit(&request(1));
    client.end(&ready);
    let layout = json!({ "runs": { "width": 8, "height": 8, "regions": 1, "runs": "64A" } });
    let image = |strengths: Option<Value>| {
        let mut wanted = json!({ "seed": 9 });
        if let Some(mut ours) = strengths {
            (ours["layout"], ours["regions"]) = (layout.clone(), json!([{ "text": "" }]));
            wanted["alwayson_scripts"] = json!({ "dense diffusion": { "args": [ours] } });
        }
        let reply = txt2img(&client, &wanted).json::<Value>(200);
        let png = STANDARD.decode(reply["images"][0].as_str().unwrap()).unwrap();
        image::load_from_memory(&png).unwrap()
    };
    assert_eq!(image(None), image(Some(json!({ "w_cross": 0, "w_self": 0 }))));
    assert_ne!(image(None), image(Some(json!({}))), "an empty region is none");
}

#[test]
fn a_sampler_without_a_schedule_has_the_web_uis() {
    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    // Of the model's own no other sampler's.
    std::fs::write(model.join("defaults.json"), r#"{ "scheduler": "euler", "karras": true }"#).unwrap();
    let studio = Studio::with("", &folder.path().join("data"), &model);
    let client = studio.client();
    for (sampler, scheduler, written) in [
        ("DPM++ 2M", None, "Sampler: DPM++ 2M, Schedule type: Karras"),
        ("DPM++ 2M", Some("Automatic"), "Sampler: DPM++ 2M, Schedule type: Karras"),
        ("DPM++ 2M", Some("Uniform"), "Sampler: DPM++ 2M, Schedule type: Uniform"),
        ("Euler", None, "Sampler: Euler, CFG"),
    ] {
        let reply = txt2img(&client, &json!({ "sampler_name": sampler, "scheduler": scheduler }));
        let info = reply.json::<Value>(200)["info"].to_string();
        assert!(info.contains(written), "{info}");
    }
}
