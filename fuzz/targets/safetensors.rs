//! The weights of a checkpoint, as somebody publishes it; the rest of the checkpoint is in order.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use export::Checkpoint;
use tempfile::TempDir;

const GOOD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/checkpoints/shallow");

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

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        copy(Path::new(GOOD), folder.path());
        folder
    });
    let weights = folder.path().join("unet/diffusion_pytorch_model.safetensors");
    // A new file each time, as the old one may still be mapped.
    let _ = std::fs::remove_file(&weights);
    std::fs::write(weights, bytes).expect("a file");
    let _ = Checkpoint::open(folder.path());
});
