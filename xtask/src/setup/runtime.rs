//! ONNX Runtime's shared library, and the Python that the tests compare with.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::Step;
use super::python::Environment;
use crate::{place, process};

/// The shared library.
pub const LIBRARY: Step = Step {
    name: "ONNX Runtime",
    find: || Ok(library()?.map(|path| path.display().to_string())),
    plan: "fetching the library from PyPI",
    make: make_library,
};

/// ONNX Runtime and ONNX for Python, which load what `export` writes, and what the tests of `training`'s renderer need.
pub const PYTHON_TESTS: Step = Step {
    name: "Python packages of the tests",
    find: || {
        let environment = Environment::tests();
        let is_there = TEST_PACKAGES.iter().all(|package| environment.has(package));
        Ok(is_there.then(|| environment.folder().display().to_string()))
    },
    plan: "fetching them from PyPI",
    make: || {
        let made = Environment::tests().install(&TEST_PACKAGES, &[]);
        made.context("the tests that compare with Python need these packages")
    },
};

/// The tool that sends all requests that the API's description allows.
pub const SCHEMATHESIS: Step = Step {
    name: "schemathesis",
    find: || {
        let environment = Environment::tests();
        let program = || environment.program("schemathesis").display().to_string();
        Ok(environment.has(SCHEMATHESIS_PACKAGE).then(program))
    },
    plan: "fetching it from PyPI",
    make: || Environment::tests().install(&[SCHEMATHESIS_PACKAGE], &[]),
};

/// ONNX Runtime with its CUDA provider and the libraries of CUDA and cuDNN.
pub const CUDA: Step = Step {
    name: "ONNX Runtime for CUDA",
    find: || Ok(cuda_library(&Environment::cuda()).map(|path| path.display().to_string())),
    plan: "fetching it with CUDA 13 and cuDNN 9 from PyPI, about 2 GB",
    make: make_cuda,
};

/// The variable that names the library.
pub const VARIABLE: &str = "ORT_DYLIB_PATH";

const PACKAGE: &str = "onnxruntime==1.31.1";
/// The same version, as a session's graph is the same on both. Its extras are NVIDIA's wheels.
const CUDA_PACKAGE: &str = "onnxruntime-gpu[cuda,cudnn]==1.31.1";
const TEST_PACKAGES: [&str; 7] = [
    PACKAGE,
    "onnx==1.23.2",
    "numpy==2.4.6",
    "opencv-python-headless==5.0.0.93",
    "pillow==13.0.0",
    "pytest==9.2.0",
    "webuiapi==0.9.17",
];
const SCHEMATHESIS_PACKAGE: &str = "schemathesis==4.32.5";
/// Carries the same library; for machines without Python.
const NODE_PACKAGE: &str = "onnxruntime-node@1.30.0";

/// The library: `ORT_DYLIB_PATH`, or else what `setup` fetched.
///
/// # Errors
/// If `ORT_DYLIB_PATH` names no file.
pub fn library() -> anyhow::Result<Option<PathBuf>> {
    Ok(place::file_from_env(VARIABLE)?.or_else(|| fetched(None)))
}

/// What `setup` fetched: the library in the environment `cuda`, if that is complete, or else the CPU's.
fn fetched(cuda: Option<&Environment>) -> Option<PathBuf> {
    let platform = format!(
        "node_modules/onnxruntime-node/bin/napi-v6/{}/{}",
        std::env::consts::OS.replace("macos", "darwin"),
        std::env::consts::ARCH.replace("x86_64", "x64").replace("aarch64", "arm64"),
    );
    let for_cpu = || wheel(&Environment::tests()).or_else(|| library_in(&node_folder().join(platform)));
    cuda.and_then(cuda_library).or_else(for_cpu)
}

/// Tells a program where the library is: `--cuda`'s, if it was fetched, since it runs on the CPU as well.
///
/// # Errors
/// As [`library`].
pub fn with_library(command: &mut Command) -> anyhow::Result<()> {
    let chosen = place::file_from_env(VARIABLE)?;
    if let Some(library) = chosen.or_else(|| fetched(Some(&Environment::cuda()))) {
        command.env(VARIABLE, library);
    }
    Ok(())
}

/// The library of the wheel in an environment.
fn wheel(environment: &Environment) -> Option<PathBuf> {
    library_in(&environment.packages()?.join("onnxruntime/capi"))
}

fn library_in(folder: &Path) -> Option<PathBuf> {
    let names = ["libonnxruntime.so", "libonnxruntime.dylib", "libonnxruntime.1.", "onnxruntime.dll"];
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            names.iter().any(|start| name.starts_with(start))
        })
        .collect();
    found.sort();
    found.pop()
}

/// ONNX Runtime's library in the environment of `--cuda`, if its CUDA provider lies beside it and cuDNN,
/// which is installed last, exists.
fn cuda_library(environment: &Environment) -> Option<PathBuf> {
    let packages = environment.packages()?;
    let needed = ["onnxruntime/capi/libonnxruntime_providers_cuda.so", "nvidia/cudnn/lib/libcudnn.so.9"];
    let is_complete = needed.iter().all(|file| packages.join(file).is_file());
    is_complete.then(|| wheel(environment)).flatten()
}

fn make_cuda() -> anyhow::Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("CUDA is used on Linux and x86-64 only");
    }
    let made = Environment::cuda().install(&[CUDA_PACKAGE], &[]);
    made.context("without it --device cuda is not possible")
}

fn make_library() -> anyhow::Result<()> {
    let Err(no_python) = Environment::tests().install(&[PACKAGE], &["--no-deps"]) else { return Ok(()) };
    println!("  no way through Python ({no_python:#}); trying npm");
    let folder = node_folder();
    std::fs::create_dir_all(&folder)?;
    let mut npm = process::npm();
    // Without scripts: they would fetch the CUDA libraries.
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder)
        .arg(NODE_PACKAGE);
    process::quiet(&mut npm).map_err(|_| no_python).with_context(|| {
        format!(
            "no ONNX Runtime: install Python 3 with venv, or Node.js, or set {VARIABLE} to libonnxruntime.so"
        )
    })?;
    Ok(())
}

fn node_folder() -> PathBuf {
    place::target().join("node")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_for_cuda_counts_only_with_all_that_it_needs() {
        let folder = std::env::temp_dir().join(format!("dense-diffusion-cuda-{}", std::process::id()));
        let environment = Environment::in_folder(&folder);
        let packages = folder.join("lib/python3.12/site-packages");
        let touch = |path: &str| {
            let path = packages.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&path)).expect("a folder");
            std::fs::write(&path, "").expect("a file");
            path
        };
        let library = touch("onnxruntime/capi/libonnxruntime.so.1.31.1");
        assert_eq!(cuda_library(&environment), None, "the wheel for the CPU");
        touch("onnxruntime/capi/libonnxruntime_providers_cuda.so");
        assert_eq!(cuda_library(&environment), None, "a fetch that was cut off");
        touch("nvidia/cudnn/lib/libcudnn.so.9");
        assert_eq!(cuda_library(&environment), Some(library.clone()));
        assert_eq!(fetched(Some(&environment)), Some(library), "before the one for the CPU");
        std::fs::remove_dir_all(&folder).expect("the folder");
    }
}
