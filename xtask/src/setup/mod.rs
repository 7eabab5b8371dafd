//! `cargo xtask setup`: what the other commands need, found or fetched.

mod apt;
mod browser;
mod deny;
mod node;
mod python;
mod runtime;
mod wasm;

use std::time::Instant;

pub use browser::chromium;
pub use deny::cargo_deny;
pub use node::{npx, wasm_opt};
pub use python::Environment;
pub use runtime::{library, with_library};
pub use wasm::{TARGET as WASM_TARGET, Toolchain};

/// One thing that a command needs.
#[derive(Clone, Copy)]
pub struct Step {
    /// Its name, for display.
    name: &'static str,
    /// Where it is, if it is there.
    find: fn() -> anyhow::Result<Option<String>>,
    /// What `make` will do, for display.
    plan: &'static str,
    /// Fetches or builds it.
    make: fn() -> anyhow::Result<()>,
}

/// For `front`.
pub const FRONT: &[Step] = &[wasm::TOOLCHAIN];
/// For `front --release`.
pub const FRONT_RELEASE: &[Step] = &[wasm::TOOLCHAIN, node::BINARYEN];
/// For `serve`.
pub const SERVE: &[Step] = &[runtime::LIBRARY, wasm::TOOLCHAIN];
/// For `serve --release`.
pub const HOST: &[Step] = &[runtime::LIBRARY, wasm::TOOLCHAIN, node::BINARYEN];
/// For `test`.
pub const TEST: &[Step] = &[
    runtime::LIBRARY,
    runtime::PYTHON_TESTS,
    runtime::SCHEMATHESIS,
    wasm::TOOLCHAIN,
    node::BROWSER_TESTS,
    browser::BROWSER,
];
/// For `bench`.
pub const BENCH: &[Step] = &[runtime::LIBRARY];
/// For `check`.
pub const CHECK: &[Step] = &[deny::CARGO_DENY];
/// For `schemathesis`.
pub const SCHEMATHESIS: &[Step] = &[runtime::LIBRARY, runtime::SCHEMATHESIS];
/// For `setup --cuda`.
pub const CUDA: &[Step] = &[runtime::CUDA];
/// For `setup`.
pub fn all() -> Vec<Step> {
    [TEST, CHECK].concat()
}

/// Goes through the steps in order and stops at the first that fails.
///
/// # Errors
/// Says what is missing, what to do, and which variable overrides it.
pub fn run(steps: &[Step]) -> anyhow::Result<()> {
    for (at, step) in steps.iter().enumerate() {
        let label = format!("setup {}/{} {}", at + 1, steps.len(), step.name);
        if let Some(place) = (step.find)()? {
            println!("{label}: {place}");
            continue;
        }
        println!("{label}: {} …", step.plan);
        let start = Instant::now();
        (step.make)()?;
        println!("{label}: done in {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}
