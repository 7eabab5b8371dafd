//! What reads others' bytes, for the fuzzers and for the test that gives it their corpora again.
#![allow(dead_code, reason = "each fuzzer uses a part")]

#[path = "../server/src/picture.rs"]
mod picture;

use std::path::Path;
use std::sync::OnceLock;

use editor::Opened;
use export::{Checkpoint, Lora, Precision};
use layout::{ColorMatch, Layout, Picture};
use request::{Defaults, GenerationRequest};
use tempfile::TempDir;

/// A reader by the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: [Target; 7] = [
    ("layout_picture", layout_picture),
    ("lora", lora),
    ("png_texts", png_texts),
    ("project", project),
    ("request_json", request_json),
    ("safetensors", safetensors),
    ("single_file", single_file),
];

/// One that is in order.
const CHECKPOINT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/checkpoints/shallow");

/// A picture of a layout, as a client uploads it.
pub fn layout_picture(bytes: &[u8]) {
    let Ok(rgba) = picture::decode(bytes) else { return };
    let picture = Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.as_raw() };
    for (texts, colors) in [(1, ColorMatch::Exact), (3, ColorMatch::default())] {
        let _ = Layout::from_colors(picture, texts, colors);
    }
}

/// What a PNG says of itself.
pub fn png_texts(bytes: &[u8]) {
    let _ = picture::texts(bytes);
    let _ = picture::carried_request(bytes);
}

/// A project file, as a user opens it.
pub fn project(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let _ = Opened::of_project(text);
}

/// A request, as a client sends it.
pub fn request_json(bytes: &[u8]) {
    let Ok(request) = serde_json::from_slice::<GenerationRequest>(bytes) else { return };
    let Ok(generation) = request.parse(&Defaults::default()) else { return };
    // What is taken in is written down and read again when it is painted.
    let again = serde_json::to_string(&generation.to_request(7)).expect("JSON");
    let again: GenerationRequest = serde_json::from_str(&again).expect("our own JSON");
    assert!(again.parse(&Defaults::default()).is_ok());
}

/// The weights of a checkpoint, as somebody publishes it; the rest of the checkpoint is in order.
pub fn safetensors(bytes: &[u8]) {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        copy(Path::new(CHECKPOINT), folder.path());
        folder
    });
    let weights = folder.path().join("unet/diffusion_pytorch_model.safetensors");
    // A new file each time, as the old one may still be mapped.
    let _ = std::fs::remove_file(&weights);
    std::fs::write(weights, bytes).expect("a file");
    let _ = Checkpoint::open(folder.path());
}

/// A checkpoint in one file, as somebody publishes it.
pub fn single_file(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    let Ok(checkpoint) = Checkpoint::open(file.path()) else { return };
    let _ = checkpoint.text_encoder_models(Precision::F32);
    let _ = checkpoint.unet_model(Precision::F32);
    let _ = checkpoint.vae_encoder_model(Precision::F32);
    let _ = checkpoint.vae_decoder_model(Precision::F32);
}

/// A LoRA for a checkpoint that is in order, as somebody publishes it.
pub fn lora(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    let lora = Lora { path: file.path().to_owned(), weight: 0.5 };
    let checkpoint = Checkpoint::open(CHECKPOINT).expect("it is in order");
    let Ok(checkpoint) = checkpoint.with_loras(&[lora]) else { return };
    checkpoint.text_encoder_models(Precision::F32).expect("what a LoRA changes fits");
    checkpoint.unet_model(Precision::F32).expect("what a LoRA changes fits");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("a file").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(path, to).expect("a copy");
        }
    }
}
