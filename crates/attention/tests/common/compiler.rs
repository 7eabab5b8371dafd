//! The kernels' source made into a library by the host's C++ compiler.

use std::path::Path;
use std::process::Command;

/// Compiles `kernels/<source>` into a shared library. False, and said aloud, where there is no compiler.
pub fn compile(source: &str, library: &Path) -> bool {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    if cfg!(not(unix)) || Command::new(&compiler).arg("--version").output().is_err() {
        eprintln!("SKIPPED: {compiler:?} cannot be started; the CUDA kernels are not tested");
        return false;
    }
    let mut command = Command::new(compiler);
    command.args([
        "-std=c++17",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-unknown-pragmas",
        "-shared",
        "-fPIC",
    ]);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels").join(source);
    let output = command.arg("-o").arg(library).arg(source).output().expect("the compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}
