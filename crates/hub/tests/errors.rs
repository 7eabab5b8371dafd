//! What goes wrong is said in one line, with what to do.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use hub::{HubConfig, HubError, pull_with, resolve_with};
use support::{GO, Hub, ID, pipeline, pull, sha256, weights};

fn says(result: Result<impl std::fmt::Debug, HubError>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    assert_eq!(message.lines().count(), 1, "{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
}

#[test]
fn a_gated_model_says_where_to_accept_its_terms_and_which_variable_to_set() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let page = format!("http://127.0.0.1:{}/owner/name", hub.port);
    for status in [401, 403] {
        hub.state().refuse_files = Some((status, "GatedRepo"));
        says(pull(&hub.config(cache.path())), &["owner/name is gated", &page, "HF_TOKEN"]);
    }
    let config = HubConfig { token: Some("hf_x".into()), ..hub.config(cache.path()) };
    says(pull(&config), &["gated", "the one that is set may not"]);
}

#[test]
fn a_missing_or_wrong_token_is_a_refusal_that_names_the_variable() {
    let hub = Hub::with(pipeline(""));
    hub.state().token = Some("hf_right");
    let cache = tempfile::tempdir().unwrap();
    says(
        pull(&hub.config(cache.path())),
        &["refused owner/name", "401", "HF_TOKEN", "private or does not exist"],
    );
    let config = HubConfig { token: Some("hf_wrong".into()), ..hub.config(cache.path()) };
    says(pull(&config), &["the one that is set may not"]);
    let config = HubConfig { token: Some("hf\nright".into()), ..hub.config(cache.path()) };
    says(pull(&config), &["HF_TOKEN"]);
    assert!(!format!("{config:?}").contains("right"), "the token stays out of logs");
}

#[test]
fn unknown_models_revisions_and_files_are_named() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let config = hub.config(cache.path());
    says(pull_with(&config, "nobody/nothing", &mut (), &GO), &["nobody/nothing does not exist", "127.0.0.1"]);
    says(
        pull_with(&config, "owner/name@v9", &mut (), &GO),
        &["the revision v9 of owner/name does not exist"],
    );
    says(pull_with(&config, "no id", &mut (), &GO), &["owner/name@revision"]);

    hub.state().refuse_files = Some((404, "EntryNotFound"));
    says(pull(&config), &["model_index.json of owner/name does not exist"]);
}

#[test]
fn a_busy_server_and_a_server_that_is_no_hub_are_told_apart() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    for status in [429, 503] {
        hub.state().refuse_all = Some((status, ""));
        says(pull(&hub.config(cache.path())), &[&format!("HTTP {status}"), "again later"]);
    }
    hub.state().refuse_all = None;
    for page in ["<html>Log in to the hotel's network</html>", "{}", "{\"sha\":\"../..\",\"siblings\":[]}"] {
        hub.state().listing = Some(page.into());
        says(pull(&hub.config(cache.path())), &["HF_ENDPOINT", "not a hub's"]);
    }
}

#[test]
fn without_a_network_the_host_is_named() {
    // A port that was free a moment ago: nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cache = tempfile::tempdir().unwrap();
    let mut config = HubConfig {
        endpoint: format!("http://127.0.0.1:{port}/"),
        cache: cache.path().into(),
        token: None,
        offline: false,
    };
    says(pull(&config), &[&format!("127.0.0.1:{port}"), "check the network"]);
    for endpoint in ["", "huggingface.co", "ftp://127.0.0.1", "http://"] {
        config.endpoint = endpoint.into();
        says(pull(&config), &["HF_ENDPOINT"]);
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let hub = Hub::with(pipeline(""));
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("file");
    fs::write(&cache, "").unwrap();
    says(pull(&hub.config(&cache)), &[cache.to_str().unwrap(), "HF_HUB_CACHE"]);
    assert!(hub.requests().iter().all(|r| !r.path.contains("/resolve/")), "nothing is fetched for nothing");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_with_what_is_lacking() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let blobs = cache.path().join("models--owner--name/blobs");
    fs::create_dir_all(&blobs).unwrap();
    let incomplete = blobs.join(format!("{}.incomplete", sha256(&weights(2))));
    std::os::unix::fs::symlink("/dev/full", &incomplete).unwrap();
    says(
        pull(&hub.config(cache.path())),
        &["the disk is full", "unet/diffusion_pytorch_model", "HF_HUB_CACHE"],
    );
}

#[test]
fn a_repository_that_is_no_pipeline_says_what_it_lacks() {
    let lacks: [(&str, &[&str]); 5] = [
        ("model_index.json", &["model_index.json"]),
        ("unet/config.json", &["unet/config.json"]),
        ("tokenizer/merges.txt", &["tokenizer/tokenizer.json", "merges.txt"]),
        ("scheduler/scheduler_config.json", &["scheduler/scheduler_config.json"]),
        (
            "vae/diffusion_pytorch_model.safetensors",
            &["vae/diffusion_pytorch_model*.safetensors", "only .bin"],
        ),
    ];
    for (path, parts) in lacks {
        let mut files = pipeline("");
        files.remove(path);
        files.insert("vae/diffusion_pytorch_model.bin".into(), Vec::new());
        let hub = Hub::with(files);
        let cache = tempfile::tempdir().unwrap();
        let result = pull(&hub.config(cache.path()));
        says(result, &[&["owner/name is not a Stable Diffusion pipeline"], parts].concat());
        assert_eq!(hub.requests().len(), 1, "nothing is fetched for nothing");
    }
    let mut files = pipeline("");
    files.insert("text_encoder_2/config.json".into(), Vec::new());
    let cache = tempfile::tempdir().unwrap();
    says(pull(&Hub::with(files.clone()).config(cache.path())), &["neither tokenizer_2/tokenizer.json nor"]);
    files.insert("transformer/config.json".into(), Vec::new());
    let cache = tempfile::tempdir().unwrap();
    says(pull(&Hub::with(files).config(cache.path())), &["a transformer in place of the UNet"]);
}

#[test]
fn offline_uses_the_cache_and_never_the_network() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let online = hub.config(cache.path());
    let offline = HubConfig { offline: true, ..online.clone() };
    says(pull(&offline), &["HF_HUB_OFFLINE", "owner/name"]);
    assert!(hub.requests().is_empty());

    let snapshot = pull(&online).unwrap();
    hub.requests();
    assert_eq!(pull(&offline).unwrap(), snapshot);
    assert_eq!(resolve_with(&offline, ID).unwrap(), snapshot);
    assert!(hub.requests().is_empty());
}

#[test]
fn resolve_says_which_command_fetches_a_model() {
    let cache = tempfile::tempdir().unwrap();
    let hub = Hub::with(pipeline(""));
    let config = hub.config(cache.path());
    says(
        resolve_with(&config, "some/model@v1"),
        &["`dense-diffusion pull some/model@v1`", "not in the cache"],
    );
    says(resolve_with(&config, "./no-such-folder"), &["./no-such-folder", "no folder"]);
    says(resolve_with(&config, &"x".repeat(100_000)), &["no folder"]);

    let file = cache.path().join("model.ckpt");
    fs::write(&file, "").unwrap();
    says(resolve_with(&config, file.to_str().unwrap()), &["model.ckpt", "must be converted"]);
    let file = file.with_extension("safetensors");
    says(resolve_with(&config, file.to_str().unwrap()), &["model.safetensors is not there"]);
    fs::write(&file, "").unwrap();
    assert_eq!(resolve_with(&config, file.to_str().unwrap()).unwrap(), file);

    let snapshot = pull(&config).unwrap();
    fs::remove_file(fs::canonicalize(snapshot.join("unet/diffusion_pytorch_model.safetensors")).unwrap())
        .unwrap();
    says(
        resolve_with(&config, ID),
        &["only partly", "unet/diffusion_pytorch_model", "dense-diffusion pull owner/name"],
    );
    assert!(
        hub.requests().iter().all(|r| r.host.starts_with("127.0.0.1") || r.host.starts_with("localhost"))
    );
}

#[test]
fn a_folder_is_itself_and_wins_over_an_id() {
    let cache = tempfile::tempdir().unwrap();
    let hub = Hub::with(pipeline(""));
    let config = hub.config(cache.path());
    let folder = cache.path().to_str().unwrap();
    assert_eq!(resolve_with(&config, folder).unwrap(), Path::new(folder));
    assert_eq!(hub::resolve(folder).unwrap(), Path::new(folder));
    // Tests run in the package's folder: `tests/support` could be an id, too.
    assert_eq!(resolve_with(&config, "tests/support").unwrap(), Path::new("tests/support"));
}
