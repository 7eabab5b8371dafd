//! The configuration files of a diffusers folder, as types. Keys that do not change the computation are ignored; those
//! that do and ask for something that is not built here are an error that names file, key and value.

mod clip;
mod json;
mod model_index;
mod safety_checker;
mod text_encoder;
mod unet;
mod vae;

use std::path::Path;

use serde_json::Value;

use crate::error::Result;
use crate::single_file;

pub use clip::ClipConfig;
pub use json::ConfigFile;
pub(crate) use model_index::ModelIndex;
pub use safety_checker::SafetyCheckerConfig;
pub use text_encoder::TextEncoderConfig;
pub use unet::{Addition, AdditionEmbedType, BlockKind, PerBlock, TIME_IDS, UNetConfig};
pub use vae::VaeConfig;

pub use crate::layers::Activation;

/// Width and height in pixels that a checkpoint's UNet was trained at: its `sample_size` in latent cells, times the VAE's
/// scale. `None` where that is not said.
///
/// # Errors
/// A file that cannot be read, or a value that is no size.
pub fn trained_size(path: &Path) -> Result<Option<(usize, usize)>> {
    let single = path.is_file().then(|| single_file::open(path)).transpose()?;
    let cells = |value: &Value| -> Option<(usize, usize)> {
        let (height, width) = match value {
            Value::Array(sides) if sides.len() == 2 => (&sides[0], &sides[1]),
            side => (side, side),
        };
        let side = |side: &Value| usize::try_from(side.as_u64()?).ok();
        Some((side(width)?, side(height)?))
    };
    let unet = match &single {
        Some(parts) => parts.unet.config.clone(),
        None => ConfigFile::read_if_there(path.join("unet/config.json"))?,
    };
    let cells = unet.value("sample_size", cells, "a whole number, or a list of height and width")?;
    let Some((width, height)) = cells else { return Ok(None) };
    let vae = match single {
        Some(parts) => parts.vae.config,
        None => ConfigFile::read(path.join("vae/config.json"))?,
    };
    let scale = VaeConfig::parse(&vae)?.scale();
    Ok(width.checked_mul(scale).zip(height.checked_mul(scale)))
}
