//! The kernels' source made into a library by the host's C++ compiler.

use std::path::Path;
use std::process::Command;

/// Compiles `kernels/<source>` into a shared library.
pub fn compile(source: &str, library: &Path) {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut command = Command::new(&compiler);
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
    let output = command.arg("-o").arg(library).arg(source).output();
    let output =
        output.unwrap_or_else(|error| panic!("this test needs a C++ compiler; {compiler:?}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
