//! `--dump`: the latents of every step as NumPy files, for comparisons.

use std::path::Path;

use anyhow::ensure;
use diffusion::Progress;
use npyz::WriterBuilder;

use crate::files::write_whole;

/// Checks that no other run's latents are there: with more steps, some would pass for this one's.
pub fn is_free(folder: &Path) -> anyhow::Result<()> {
    let is_taken = folder.join("latents_000.npy").exists();
    ensure!(!is_taken, "--dump {}: has another run's latents; name another folder", folder.display());
    Ok(())
}

/// Writes `latents_000.npy` (the noise), `latents_001.npy` (after the first step), … as f32
/// `[samples, channels, height, width]`.
pub fn latents(folder: &Path, progress: &Progress<'_>) -> anyhow::Result<()> {
    let shape = progress.shape;
    let sizes = [shape.samples, shape.channels, shape.height, shape.width].map(|size| size as u64);
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&sizes).writer(&mut bytes).begin_nd()?;
    writer.extend(progress.latents.iter())?;
    writer.finish()?;
    write_whole(&folder.join(format!("latents_{:03}.npy", progress.step)), &bytes)
}
