//! Exported folders in another program: Python's onnxruntime without our library (the function in the model) and with
//! it (the kernel), and Python's onnx, which checks them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{checkpoint, fixtures, tolerance};
use export::{Checkpoint, Linked, Precision, write};

#[test]
fn python_loads_the_exported_folder_and_computes_what_torch_recorded() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(python.is_file(), "{} is missing: run `cargo xtask setup`", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load.py");
    for name in ["sd1", "oblong"] {
        let folder = tempfile::tempdir().unwrap();
        write(&Checkpoint::open(checkpoint(name)).unwrap(), folder.path(), Precision::F32, Linked::Copy)
            .unwrap();
        let output = Command::new(&python)
            .arg(&script)
            .arg(folder.path())
            .arg(fixtures().join("reference").join(name).join("reference.safetensors"))
            .arg(library())
            .arg(tolerance("unet").to_string())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {printed}{}", String::from_utf8_lossy(&output.stderr));
        print!("{name}:\n{printed}");
    }
}

/// Cargo puts the cdylib of the crate `attention` beside the tests' executables.
fn library() -> PathBuf {
    let name = format!("{}attention{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = std::env::current_exe().unwrap().with_file_name(name);
    assert!(path.is_file(), "{} is missing: run `cargo build -p attention`", path.display());
    path
}
