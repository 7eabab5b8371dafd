//! The libraries that ONNX Runtime's CUDA provider depends on, loaded one by one, so that a missing one can
//! be named. ONNX Runtime itself only says that its provider could not be loaded.
#![allow(unsafe_code, reason = "loads libraries")]

use std::path::{Path, PathBuf};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// ONNX Runtime's CUDA provider, a library beside ONNX Runtime's own.
pub const PROVIDER: &str = "libonnxruntime_providers_cuda.so";

/// The dependencies of the provider in the 1.31 wheel: the first four from its loading (`readelf -d`), the
/// others once a graph needs them. Each comes after its own dependencies.
pub const NEEDED: [&str; 7] = [
    "libcudart.so.13",
    "libcublasLt.so.13",
    "libcublas.so.13",
    "libcurand.so.10",
    "libnvrtc.so.13",
    "libcufft.so.12",
    "libcudnn.so.9",
];

/// A library that CUDA needs is missing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LibraryError {
    /// The ONNX Runtime in use was built for the CPU alone.
    #[error("{PROVIDER} is not beside {}: that ONNX Runtime is for the CPU alone; `cargo xtask setup --cuda` fetches the other", .0.display())]
    NoProvider(PathBuf),
    /// One of CUDA's own cannot be loaded.
    #[error(
        "{name} of CUDA 13 and cuDNN 9 cannot be loaded: {message}; `cargo xtask setup --cuda` fetches it"
    )]
    Missing {
        /// The library.
        name: String,
        /// The loader's message.
        message: String,
    },
}

/// Loads what the provider beside `onnxruntime` (the library's path) needs, for the provider to find: from
/// the wheels in the same Python environment, or else from the system's search path.
///
/// # Errors
/// [`LibraryError`] names the first that is missing.
pub fn preload(onnxruntime: &Path) -> Result<(), LibraryError> {
    let beside = onnxruntime.parent().unwrap_or(Path::new(""));
    if !beside.join(PROVIDER).is_file() {
        return Err(LibraryError::NoProvider(onnxruntime.to_path_buf()));
    }
    let wheels = wheel_folders(beside);
    NEEDED.into_iter().try_for_each(|name| load(name, &wheels))
}

/// The folders of the wheels `nvidia-*`: site-packages/nvidia/<package>/lib beside site-packages/onnxruntime/capi.
fn wheel_folders(capi: &Path) -> Vec<PathBuf> {
    let site_packages = capi.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let packages = std::fs::read_dir(site_packages.join("nvidia")).into_iter().flatten().flatten();
    packages.map(|package| package.path().join("lib")).filter(|folder| folder.is_dir()).collect()
}

fn load(name: &str, wheels: &[PathBuf]) -> Result<(), LibraryError> {
    let own = wheels.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    let path = own.unwrap_or_else(|| PathBuf::from(name));
    // SAFETY: NVIDIA's libraries initialise themselves and nothing else when they are loaded.
    match unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            // Never unloaded: the provider refers to it by name only.
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(LibraryError::Missing { name: name.to_owned(), message: reason(&error) }),
    }
}

/// Returns the loader's message, which libloading keeps as the source of its error.
fn reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_onnx_runtime_for_the_cpu_alone_is_told_from_one_for_cuda() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("libonnxruntime.so.1.31.1");
        let message = preload(&library).expect_err("no provider").to_string();
        assert!(message.contains(PROVIDER) && message.contains("setup --cuda"), "{message}");
        assert!(message.contains("libonnxruntime.so.1.31.1"), "{message}");
    }

    #[test]
    fn a_library_that_cannot_be_loaded_is_named_wherever_it_lies() {
        let site_packages = tempfile::tempdir().expect("a folder");
        let capi = site_packages.path().join("onnxruntime/capi");
        let wheel = site_packages.path().join("nvidia/cu13/lib");
        for (folder, name) in [(&capi, PROVIDER), (&wheel, NEEDED[0])] {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join(name), "no library").expect("a file");
        }
        // The wheel's file takes precedence over the system's, and is not a library.
        let message = preload(&capi.join("libonnxruntime.so")).expect_err("no library").to_string();
        assert!(message.contains("libcudart.so.13 of CUDA 13"), "{message}");
        assert!(message.contains("nvidia/cu13/lib"), "{message}");
    }
}
