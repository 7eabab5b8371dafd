//! `/api/v1/model`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use api::{Limits, Model, Sampler, State, Status};
use common::studio::{Studio, endless, request};
use common::{checkpoint, copied};

#[test]
fn the_model_is_told_with_its_defaults_and_what_the_server_allows() {
    let data = tempfile::tempdir().unwrap();
    let flags = "--max-side 256 --max-steps 20 --max-samples 2 --max-jobs 3 --max-work 7";
    let studio = Studio::with(flags, data.path(), &checkpoint("sd1"));
    let mut client = studio.client();
    let job = client.submit(&request(1));
    assert_eq!(client.end(&job).state, State::Done, "the model is there");
    let model: Model = client.get("/model").json(200);
    assert_eq!((model.name.as_str(), model.tokens, model.multiple), ("sd1", 600, 8));
    assert_eq!((model.defaults.steps, model.defaults.w_self), (50, 0.3));
    assert_eq!(model.limits, Limits { side: 256, steps: 20, samples: 2, jobs: 3, work: 7_000_000 });
    let status: Status = client.get("/status").json(200);
    assert_eq!(status.model.as_deref(), Some("sd1"));
}

#[test]
fn the_samplers_are_told_by_the_names_that_requests_have_for_them_and_paint_as_they_say() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let samplers: Vec<Sampler> = client.get("/samplers").json(200);
    assert_eq!(samplers.len(), request::Scheduler::ALL.len());
    for sampler in samplers {
        let mut wanted = request(2);
        wanted["scheduler"] = serde_json::to_value(sampler.name).unwrap();
        let plain = client.submit(&wanted);
        assert_eq!(client.end(&plain).state, State::Done, "{sampler:?}");
        wanted["karras"] = true.into();
        if sampler.karras {
            let karras = client.submit(&wanted);
            assert_eq!(client.end(&karras).state, State::Done, "{sampler:?}");
        } else {
            assert!(client.post("/jobs", &wanted).refused(422).message.contains("Karras"), "{sampler:?}");
        }
    }
}

#[test]
fn a_model_that_cannot_be_loaded_is_told_in_words_that_name_no_file_and_what_waits_goes_on_waiting() {
    let data = tempfile::tempdir().unwrap();
    let studio = Studio::start(data.path());
    let mut client = studio.client();
    let waiting = client.submit(&endless());
    studio.kill();

    let folder = tempfile::tempdir().unwrap();
    let model = copied("shallow", folder.path());
    std::fs::write(model.join("unet/diffusion_pytorch_model.safetensors"), "damaged").unwrap();
    let studio = Studio::with("", data.path(), &model);
    let client = studio.returning(client);
    let problem = || client.get("/status").json::<Status>(200).problem;
    let reason = std::iter::repeat_with(problem).find_map(|problem| problem).unwrap();
    for refusal in [client.get("/model"), client.post("/jobs", &request(1))] {
        assert_eq!(refusal.refused(503).message, reason);
        assert!(refusal.header("retry-after").is_none(), "there will be none, however often one asks");
    }
    let status: Status = client.get("/status").json(200);
    assert_eq!((status.model, status.problem), (None, Some(reason.clone())));
    assert!(reason.contains("shallow") && !reason.contains("safetensors"), "{reason}");
    assert!(!reason.contains(&folder.path().display().to_string()), "{reason}");
    assert_eq!(client.get("!/healthz").status, 200, "the server itself is well");
    assert_eq!(client.job(&waiting).state, State::Waiting { ahead: 0 });
    studio.kill();
    // Whoever runs the server has mended it.
    let studio = Studio::start(data.path());
    let client = studio.returning(client);
    client.events(&waiting).reach(|state| matches!(state, State::Running { .. }));
}
