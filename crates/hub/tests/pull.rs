//! What is fetched, and where it lies afterwards.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::thread;

use hub::resolve_with;
use support::{COMMIT, GO, Hub, ID, OLD_ID, Watch, files_in, pipeline, pull, sha256, weights};

/// What other programs need of the same repository.
fn others() -> BTreeMap<String, Vec<u8>> {
    [
        "README.md",
        "v1-5-pruned.ckpt",
        "v1-5-pruned.safetensors",
        "unet/diffusion_pytorch_model.bin",
        "unet/diffusion_pytorch_model.non_ema.safetensors",
        "unet/diffusion_flax_model.msgpack",
        "unet/model.onnx",
        "vae/openvino_model.xml",
        "text_encoder/pytorch_model.fp16.bin",
        "safety_checker/config.json",
        "safety_checker/pytorch_model.bin",
        "feature_extractor/preprocessor_config.json",
        "tokenizer/README.md",
    ]
    .into_iter()
    .map(|path| (path.to_owned(), b"not needed".to_vec()))
    .collect()
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    files.keys().cloned().collect()
}

#[test]
fn only_the_files_of_the_pipeline_are_fetched_and_in_f16_if_there_is_a_choice() {
    let mut files = pipeline(".fp16");
    let mut wanted = names(&files);
    // Of a safety checker that cannot be read, so that it is not left out without a word.
    wanted.extend(
        ["feature_extractor/preprocessor_config.json", "safety_checker/config.json"].map(str::to_owned),
    );
    wanted.sort();
    files.extend(others());
    files.extend(pipeline(""));
    let hub = Hub::with(files.clone());
    let cache = tempfile::tempdir().unwrap();

    let snapshot = pull(&hub.config(cache.path())).unwrap();

    assert_eq!(files_in(&snapshot), wanted);
    for path in &wanted {
        assert_eq!(fs::read(snapshot.join(path)).unwrap(), files[path], "{path}");
    }
    let asked = hub.requests();
    assert!(asked.iter().all(|r| wanted.iter().any(|w| r.path.ends_with(w)) || r.path.starts_with("/api/")));
}

#[test]
fn a_safety_checker_is_fetched_with_what_prepares_pictures_for_it() {
    let mut files = pipeline(".fp16");
    for path in ["safety_checker/config.json", "feature_extractor/preprocessor_config.json"] {
        files.insert(path.into(), path.into());
    }
    files.insert("safety_checker/model.fp16.safetensors".into(), weights(4));
    let wanted = names(&files);
    files.insert("safety_checker/model.safetensors".into(), weights(5));
    let hub = Hub::with(files);
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(files_in(&snapshot), wanted);
}

#[test]
fn of_stable_diffusion_xl_both_text_encoders_and_tokenizers_are_fetched() {
    let mut files = pipeline(".fp16");
    for name in
        ["tokenizer_2/tokenizer_config.json", "tokenizer_2/tokenizer.json", "text_encoder_2/config.json"]
    {
        files.insert(name.into(), name.into());
    }
    files.insert("text_encoder_2/model.fp16.safetensors".into(), weights(4));
    let wanted = names(&files);
    files.insert("text_encoder_2/model.safetensors".into(), weights(5));
    let hub = Hub::with(files);
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(files_in(&snapshot), wanted);
}

#[test]
fn each_model_without_f16_weights_falls_back_to_the_plain_ones() {
    let mut files = pipeline(".fp16");
    files.remove("vae/diffusion_pytorch_model.fp16.safetensors");
    files.insert("vae/diffusion_pytorch_model.safetensors".into(), weights(4));
    let hub = Hub::with(files.clone());
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(files_in(&snapshot), names(&files));
}

#[test]
fn sharded_weights_come_with_their_index_however_the_variant_is_placed() {
    let mut files = pipeline(".fp16");
    files.remove("unet/diffusion_pytorch_model.fp16.safetensors");
    files.remove("text_encoder/model.fp16.safetensors");
    files.remove("vae/diffusion_pytorch_model.fp16.safetensors");
    for path in [
        "unet/diffusion_pytorch_model.safetensors.index.fp16.json",
        "unet/diffusion_pytorch_model.fp16-00001-of-00002.safetensors",
        "unet/diffusion_pytorch_model.fp16-00002-of-00002.safetensors",
        "text_encoder/model.safetensors.index.json",
        "text_encoder/model-00001-of-00001.safetensors",
        "vae/diffusion_pytorch_model.safetensors.fp16.index.json",
        "vae/diffusion_pytorch_model-00001-of-00002.fp16.safetensors",
        "vae/diffusion_pytorch_model-00002-of-00002.fp16.safetensors",
    ] {
        files.insert(path.into(), path.into());
    }
    let wanted = names(&files);
    // Plain weights beside the sharded f16 ones are not needed.
    files.insert("unet/diffusion_pytorch_model.safetensors".into(), weights(5));
    files.insert("unet/diffusion_pytorch_model.safetensors.index.json".into(), Vec::new());
    files.insert("unet/diffusion_pytorch_model-00001-of-00001.safetensors".into(), Vec::new());
    let hub = Hub::with(files);
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(files_in(&snapshot), wanted);
}

#[test]
fn a_second_pull_downloads_nothing_and_a_lost_link_is_made_again() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    hub.requests();
    fs::remove_file(snapshot.join("unet/config.json")).unwrap();

    assert_eq!(pull(&hub.config(cache.path())).unwrap(), snapshot);

    let asked: Vec<_> = hub.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(asked, [format!("/api/models/{ID}/revision/main?blobs=true")]);
    assert_eq!(files_in(&snapshot), names(&pipeline("")));
}

#[test]
fn the_cache_is_laid_out_as_by_every_hugging_face_library() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();

    let repo = cache.path().join("models--owner--name");
    assert_eq!(snapshot, repo.join("snapshots").join(COMMIT));
    assert_eq!(fs::read_to_string(repo.join("refs/main")).unwrap(), COMMIT);
    let blob = sha256(&weights(2));
    assert_eq!(fs::read(repo.join("blobs").join(&blob)).unwrap(), weights(2));
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(snapshot.join("unet/diffusion_pytorch_model.safetensors")).unwrap().to_str().unwrap(),
        format!("../../../blobs/{blob}")
    );
    assert!(files_in(&repo.join("blobs")).iter().all(|name| !name.ends_with(".incomplete")));
}

#[test]
fn weights_are_mapped_through_the_snapshots_links() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    pull(&hub.config(cache.path())).unwrap();
    let folder = resolve_with(&hub.config(cache.path()), ID).unwrap();
    let file = fs::File::open(folder.join("unet/diffusion_pytorch_model.safetensors")).unwrap();
    #[allow(unsafe_code, reason = "what the exporter does with weights")]
    // SAFETY: nobody writes to the file of this test.
    let map = unsafe { memmap2::Mmap::map(&file) }.unwrap();
    assert_eq!(&map[..], weights(2));
}

#[test]
fn a_mirror_that_lists_names_only_is_asked_for_each_files_size_and_hash() {
    let hub = Hub::with(pipeline(""));
    hub.state().hashes = false;
    let cache = tempfile::tempdir().unwrap();
    let snapshot = pull(&hub.config(cache.path())).unwrap();
    assert_eq!(files_in(&snapshot), names(&pipeline("")));
    let blob = fs::canonicalize(snapshot.join("unet/diffusion_pytorch_model.safetensors")).unwrap();
    assert_eq!(blob.file_name().unwrap().to_str().unwrap(), sha256(&weights(2)));

    hub.requests();
    pull(&hub.config(cache.path())).unwrap();
    assert!(hub.requests().iter().all(|r| r.method == "HEAD" || r.path.starts_with("/api/")));
}

#[test]
fn progress_tells_every_files_size_first_and_ends_at_it() {
    let files = pipeline("");
    let hub = Hub::with(files.clone());
    let cache = tempfile::tempdir().unwrap();
    let mut watch = Watch::default();
    hub::pull_with(&hub.config(cache.path()), ID, &mut watch, &GO).unwrap();

    let told: BTreeMap<_, _> = watch.files.iter().map(|f| (f.path.clone(), f.size)).collect();
    assert_eq!(told, files.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect());
    for (path, bytes) in &files {
        let steps: Vec<_> = watch.steps.iter().filter(|(p, ..)| p == path).collect();
        assert_eq!(steps[0].1, 0, "{path}");
        assert!(steps.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{path}");
        assert_eq!(
            (steps.last().unwrap().1, steps.last().unwrap().2),
            (bytes.len() as u64, bytes.len() as u64)
        );
    }
    let unet = watch.steps.iter().filter(|(path, ..)| path.starts_with("unet/d")).count();
    assert!(unet > 2, "only {unet} steps for 3 MB");
}

#[test]
fn two_pulls_at_once_fetch_every_file_once() {
    let hub = Hub::with(pipeline(""));
    let cache = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        let pulls = [0, 1].map(|_| scope.spawn(|| pull(&hub.config(cache.path())).unwrap()));
        let [first, second] = pulls.map(|pull| pull.join().unwrap());
        assert_eq!(first, second);
    });
    let mut fetched: Vec<_> =
        hub.requests().into_iter().map(|r| r.path).filter(|p| p.contains("/resolve/")).collect();
    let count = fetched.len();
    fetched.sort();
    fetched.dedup();
    assert_eq!((count, fetched.len()), (12, 12));
}

#[test]
fn the_token_goes_to_the_hub_and_not_to_its_storage() {
    let hub = Hub::with(pipeline(""));
    hub.state().token = Some("hf_secret");
    let cache = tempfile::tempdir().unwrap();
    let mut config = hub.config(cache.path());
    config.token = Some("hf_secret".into());
    pull(&config).unwrap();

    let (storage, own): (Vec<_>, Vec<_>) =
        hub.requests().into_iter().partition(|r| r.path.starts_with("/storage/"));
    assert_eq!(storage.len(), 3);
    assert!(storage.iter().all(|r| r.token.is_none() && r.host == format!("localhost:{}", hub.port)));
    assert!(own.iter().all(|r| r.token.as_deref() == Some("Bearer hf_secret")));
    assert!(own.iter().all(|r| r.host == format!("127.0.0.1:{}", hub.port)));
}

#[test]
fn a_renamed_model_is_found_under_its_old_name_and_the_token_follows() {
    for hashes in [true, false] {
        let hub = Hub::with(pipeline(""));
        hub.state().token = Some("hf_secret");
        hub.state().hashes = hashes;
        let cache = tempfile::tempdir().unwrap();
        let mut config = hub.config(cache.path());
        config.token = Some("hf_secret".into());
        let snapshot = hub::pull_with(&config, OLD_ID, &mut (), &GO).unwrap();
        assert!(snapshot.starts_with(cache.path().join("models--owner--old-name")));
        assert_eq!(files_in(&snapshot), names(&pipeline("")));
        assert_eq!(resolve_with(&config, OLD_ID).unwrap(), snapshot);
    }
}
