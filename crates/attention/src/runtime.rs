//! Finds ONNX Runtime's shared library, and holds the one environment of this process.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use ort::AsPointer;
use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};

use crate::domain::introduce;

/// The variable that overrides every other place.
const VARIABLE: &str = "ORT_DYLIB_PATH";

/// ONNX Runtime cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RuntimeError {
    /// There is no library in any known place.
    #[error(
        "ONNX Runtime's shared library is not there: run `cargo xtask setup`, or set {VARIABLE} to its path"
    )]
    NotFound,
    /// The environment variable names something that is not a file.
    #[error("{VARIABLE} is set to {}, which is not a file: correct it, or unset it and run `cargo xtask setup`", .0.display())]
    NoSuchFile(PathBuf),
    /// The library exists, but does not work.
    #[error("ONNX Runtime cannot be loaded from {}: {message}; run `cargo xtask setup`, or set {VARIABLE}", .path.display())]
    Load {
        /// The library.
        path: PathBuf,
        /// The loader's message.
        message: String,
    },
}

/// Finds ONNX Runtime's shared library: `ORT_DYLIB_PATH`, or else beside the running program (or in `lib` there), or
/// else in the Python environments that `cargo xtask setup` makes below the build directory: `cuda` (with `--cuda`) or
/// `python`.
///
/// # Errors
/// [`RuntimeError::NotFound`] and [`RuntimeError::NoSuchFile`], which say what to do.
pub fn locate() -> Result<PathBuf, RuntimeError> {
    locate_beside(std::env::var_os(VARIABLE), &std::env::current_exe().unwrap_or_default())
}

/// [`locate`] for a value of the variable and a running program.
fn locate_beside(variable: Option<OsString>, executable: &Path) -> Result<PathBuf, RuntimeError> {
    if let Some(path) = variable.filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_file() { Ok(path) } else { Err(RuntimeError::NoSuchFile(path)) };
    }
    let beside = executable.parent().into_iter().flat_map(|dir| [dir.to_path_buf(), dir.join("lib")]);
    // target/<profile>/program, target/<profile>/deps/test, target/<triple>/<profile>/deps/test
    let build = executable.ancestors().skip(2).take(3).map(Path::to_path_buf);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    // A library for CUDA comes first: it was fetched on purpose, and runs on the CPU as well.
    let environments = build.chain([workspace]).flat_map(|dir| [dir.join("cuda"), dir.join("python")]);
    beside
        .chain(environments.flat_map(|venv| site_packages(&venv)))
        .find_map(|dir| library_in(&dir))
        .ok_or(RuntimeError::NotFound)
}

/// The variable that turns off ONNX Runtime's telemetry. The API call for this comes too late: creating the
/// environment has by then resolved the server's address and left a machine id in the user's cache folder.
const NO_TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";

/// Turns off ONNX Runtime's telemetry. Programs call this first of all.
#[allow(unsafe_code, reason = "changes the process's environment")]
pub fn report_nothing() {
    if std::env::var_os(NO_TELEMETRY).is_none() {
        // SAFETY: programs call this before they start threads; if not (tests, examples), `environment` does
        // before it loads the library, and these have no foreign C code that may be reading the environment.
        unsafe { std::env::set_var(NO_TELEMETRY, "1") };
    }
}

/// Returns the process's ONNX Runtime environment, created at the first call. Any thread may call this.
///
/// # Errors
/// [`RuntimeError`], the same at every call.
pub fn environment() -> Result<Environment, RuntimeError> {
    static ENVIRONMENT: OnceLock<Result<Environment, RuntimeError>> = OnceLock::new();
    ENVIRONMENT
        .get_or_init(|| {
            report_nothing();
            let path = locate()?;
            let load = |message: String| RuntimeError::Load { path: path.clone(), message };
            let environment = ort::init_from(&path)
                .map_err(|error| load(error.to_string()))?
                .with_name("dense-diffusion")
                .with_telemetry(false)
                // One pool for all sessions: with pools of their own, the threads of a finished session would
                // keep spinning for a while, and take the CPUs from the next.
                .with_global_thread_pool(GlobalThreadPoolOptions::default())
                .build()
                .map_err(|error| load(error.to_string()))?;
            share_arena(&environment).map_err(|error| load(error.to_string()))?;
            introduce(&environment).map_err(|error| load(error.to_string()))?;
            Ok(environment)
        })
        .clone()
}

/// Shares one CPU arena among all sessions that use the environment's (`with_env_allocators`): what one
/// network's run leaves free serves the next network's, as they run one after the other.
#[allow(unsafe_code, reason = "ort has no name for it")]
fn share_arena(environment: &Environment) -> ort::Result<()> {
    let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Arena, MemoryType::Default)?;
    let (api, mut defaults) = (ort::api(), ptr::null_mut());
    // SAFETY: no keys are read; `defaults` is written, used once and released; the environment keeps copies of both.
    unsafe {
        ort::Error::result_from_status((api.CreateArenaCfgV2)(ptr::null(), ptr::null(), 0, &mut defaults))?;
        let status = (api.CreateAndRegisterAllocator)(environment.ptr().cast_mut(), memory.ptr(), defaults);
        (api.ReleaseArenaCfg)(defaults);
        ort::Error::result_from_status(status)
    }
}

/// The folders of a Python environment that hold the wheel's libraries.
fn site_packages(venv: &Path) -> Vec<PathBuf> {
    let capi = "site-packages/onnxruntime/capi";
    let mut found = vec![venv.join("Lib").join(capi)];
    for entry in std::fs::read_dir(venv.join("lib")).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with("python3") {
            found.push(entry.path().join(capi));
        }
    }
    found
}

/// The library in a folder: the wheels name it with its version, `libonnxruntime.so.1.31.1`.
fn library_in(dir: &Path) -> Option<PathBuf> {
    let stem = format!("{DLL_PREFIX}onnxruntime");
    let is_library = |name: &str| {
        name.strip_prefix(&stem).is_some_and(|rest| {
            rest == DLL_SUFFIX
                || rest.starts_with(&format!("{DLL_SUFFIX}."))
                || (rest.starts_with('.') && rest.ends_with(DLL_SUFFIX))
        })
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .filter(|entry| is_library(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_beside_the_program_is_found_whatever_its_version() {
        let dir = tempfile::tempdir().expect("a folder");
        let library = format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}.1.31.1");
        for name in [&library, "libonnxruntime_providers_shared.so", "onnxruntime_pybind11_state.so"] {
            std::fs::write(dir.path().join(name), "").expect("a file");
        }
        let found = locate_beside(None, &dir.path().join("program")).expect("the library");
        assert_eq!(found, dir.path().join(library));
    }

    #[test]
    fn the_library_for_cuda_goes_before_the_one_for_the_cpu_alone() {
        let build = tempfile::tempdir().expect("a folder");
        let library = |environment: &str| {
            let capi = build.path().join(environment).join("lib/python3.12/site-packages/onnxruntime/capi");
            std::fs::create_dir_all(&capi).expect("a folder");
            let library = capi.join(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}.1.31.1"));
            std::fs::write(&library, "").expect("a file");
            library
        };
        let program = build.path().join("debug/program");
        let plain = library("python");
        assert_eq!(locate_beside(None, &program).expect("the library"), plain);
        let cuda = library("cuda");
        assert_eq!(locate_beside(None, &program).expect("the library"), cuda);
    }

    #[test]
    fn the_variable_goes_before_the_library_beside_the_program() {
        let dir = tempfile::tempdir().expect("a folder");
        let chosen = dir.path().join("chosen.so");
        for path in [&chosen, &dir.path().join(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}"))] {
            std::fs::write(path, "").expect("a file");
        }
        let found =
            locate_beside(Some(chosen.clone().into()), &dir.path().join("program")).expect("the library");
        assert_eq!(found, chosen);
    }

    #[test]
    fn a_variable_that_names_no_file_is_an_error_that_says_what_to_do() {
        let error = locate_beside(Some("/nowhere/lib.so".into()), Path::new("/nowhere/program"));
        let message = error.expect_err("no such file").to_string();
        assert!(message.contains("ORT_DYLIB_PATH is set to /nowhere/lib.so"), "{message}");
        assert!(message.contains("cargo xtask setup"), "{message}");
    }
}
