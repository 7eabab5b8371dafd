//! `dense-diffusion export`: a checkpoint as ONNX graphs for other hosts.

use std::path::PathBuf;

use ::export::{Checkpoint, Linked, Precision};

/// Write a checkpoint's graphs as ONNX files
///
/// The weights files are copied into the folder as they are.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder in the diffusers layout, or the hub id of a checkpoint that was pulled
    #[arg(long)]
    model: String,
    /// The folder to make
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Link the weights files instead where that is possible; ONNX Runtime accepts it, onnx.checker does not
    #[arg(long)]
    link: bool,
}

/// Writes and says what was written.
pub fn run(args: Args) -> anyhow::Result<()> {
    let checkpoint = Checkpoint::open(hub::resolve(&args.model)?)?;
    let wanted = if args.link { Linked::HardLink } else { Linked::Copy };
    let written = ::export::write(&checkpoint, &args.out, Precision::F32, wanted)?;
    for model in &written.models {
        println!("{}", model.display());
    }
    for (weights, linked) in &written.weights {
        let how = if *linked == Linked::Copy { "copied" } else { "linked" };
        println!("{} ({how})", weights.display());
    }
    Ok(())
}
