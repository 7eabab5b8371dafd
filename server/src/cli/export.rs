//! `dense-diffusion export`: a checkpoint as ONNX graphs for other hosts.

use std::path::PathBuf;

use ::export::{Checkpoint, Linked, Precision, Target};

use crate::cli::device::LoraArgs;
use crate::cli::embedded;
use crate::say::say;

/// Write a checkpoint's graphs as ONNX files
///
/// The weights files are copied into the folder as they are.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder in the diffusers layout, a checkpoint in one .safetensors file, or the hub id of one that was pulled [default: the embedded model]
    #[arg(long)]
    model: Option<String>,
    #[command(flatten)]
    loras: LoraArgs,
    /// The folder to make
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Graphs in f16 for ONNX Runtime's CUDA provider, with operators that it alone has; without control flow, so that CUDA graphs
    /// can be made of them (instead of `modulate` the UNet has `modulated`, one truth value, or none where all strengths are 0)
    #[arg(long)]
    cuda: bool,
    /// Link the weights files instead where that is possible; ONNX Runtime accepts it, onnx.checker does not
    #[arg(long)]
    link: bool,
}

/// Writes the graphs and says so.
pub fn run(args: Args) -> anyhow::Result<()> {
    let checkpoint =
        Checkpoint::open(embedded::model(args.model.as_deref())?.path)?.with_loras(&args.loras.loras)?;
    let wanted = if args.link { Linked::HardLink } else { Linked::Copy };
    let target = match args.cuda {
        true => Target { precision: Precision::F16, cuda: true },
        false => Precision::F32.into(),
    };
    let written = ::export::write(&checkpoint, &args.out, target, wanted)?;
    for model in &written.models {
        say(model.display())?;
    }
    for (weights, linked) in &written.weights {
        let how = if *linked == Linked::Copy { "copied" } else { "linked" };
        say(format_args!("{} ({how})", weights.display()))?;
    }
    Ok(())
}
