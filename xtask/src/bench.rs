//! `cargo xtask bench`: how fast the engine is, beside PyTorch on the same machine.

/// What to measure
#[derive(clap::Args)]
pub struct Args {}

/// Runs the benchmark.
pub fn run(_args: Args) -> anyhow::Result<()> {
    anyhow::bail!("there is no benchmark yet")
}
