//! The cdylib in another program: Python's onnxruntime runs one model without it (the function in the model) and with
//! it (the kernel), and both agree with the reference.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use attention::Element;
use bytemuck::Pod;
use common::problem::{Problem, Spec};
use common::session::{Form, INPUTS, data_type, model};
use half::f16;
use onnx::{Message, ModelProto};

#[test]
fn python_computes_the_same_with_the_function_and_with_the_library() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = Spec { queries: 70, ..Spec::small() };
    let single = small.problem::<f32>(1);
    let half = Spec { keys: 77, ..small }.problem::<f16>(2);
    write(&folder.path().join("f32"), &single, "float32");
    write(&folder.path().join("f16"), &half, "float16");

    for library in [None, Some(library())] {
        let messages = run_python(folder.path(), library.as_deref());
        let what = if library.is_some() { "kernel" } else { "function" };
        assert_output(what, &folder.path().join("f32"), &single);
        assert_output(what, &folder.path().join("f16"), &half);
        // Our message reaches the caller; standard operators complain in their own words.
        assert!(
            library.is_none() || messages.contains("strength has shape [1, 69], expected [1, 70]"),
            "{messages}"
        );
    }
}

fn write<T: Element + Pod>(folder: &Path, problem: &Problem<T>, element: &str) {
    std::fs::create_dir(folder).expect("a folder");
    let model = model(data_type::<T>(), Form::Both, problem.spec.heads as i64, None);
    // Without the input that need not be there.
    let mut model = ModelProto::decode(&*model).expect("a model");
    let graph = model.graph.as_mut().expect("a graph");
    graph.input.truncate(6);
    graph.node[0].input.truncate(6);
    std::fs::write(folder.join("model.onnx"), model.encode_to_vec()).expect("the model");
    let data: [&[u8]; 6] = [
        bytemuck::cast_slice(&problem.query),
        bytemuck::cast_slice(&problem.key),
        bytemuck::cast_slice(&problem.value),
        bytemuck::cast_slice(&problem.query_regions),
        bytemuck::cast_slice(&problem.key_regions),
        bytemuck::cast_slice(&problem.strength),
    ];
    let types = [element, element, element, "int32", "int32", "float32"];
    let mut description = serde_json::Map::new();
    for (((name, data), element), shape) in INPUTS.into_iter().zip(data).zip(types).zip(&problem.shapes) {
        std::fs::write(folder.join(name), data).expect("an input");
        description.insert(name.into(), serde_json::json!({"type": element, "shape": shape}));
    }
    let description = serde_json::Value::Object(description).to_string();
    std::fs::write(folder.join("problem.json"), description).expect("the description");
}

fn assert_output<T: Element + Pod>(what: &str, folder: &Path, problem: &Problem<T>) {
    let bytes = std::fs::read(folder.join("output")).expect("an output");
    std::fs::remove_file(folder.join("output")).expect("an output");
    let output: Vec<T> = bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect();
    common::assert_close(what, &output, &problem.reference(), problem.largest_value());
}

fn run_python(folder: &Path, library: Option<&Path>) -> String {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    assert!(python.is_file(), "{} is missing: run `cargo xtask setup`", python.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check.py");
    let output = Command::new(python).arg(script).arg(folder).args(library).output().expect("Python");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}{errors}");
    messages
}

/// Cargo puts the crate's cdylib beside the tests' executables.
fn library() -> PathBuf {
    let name = format!("{}attention{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = std::env::current_exe().expect("a path").with_file_name(name);
    assert!(path.is_file(), "{} is missing: run `cargo build -p attention`", path.display());
    path
}
