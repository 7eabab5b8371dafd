//! What a checkpoint was trained for.

use std::path::Path;

use serde_json::Value;

use crate::config::{ConfigFile, VaeConfig};
use crate::error::Result;
use crate::single_file;

/// A checkpoint's defaults for pictures.
#[derive(Clone, Debug)]
pub struct Usual {
    /// Width and height in pixels: the UNet's `sample_size` in latent cells, times the VAE's scale, if known.
    pub size: Option<(usize, usize)>,
    /// `scheduler/scheduler_config.json`, without keys if it does not exist.
    pub scheduler: ConfigFile,
}

impl Usual {
    /// Reads the configurations of a folder, or the headers of a file.
    ///
    /// # Errors
    /// A file that cannot be read, or a value that is not a size.
    pub fn of(path: &Path) -> Result<Self> {
        let single = path.is_file().then(|| single_file::open(path)).transpose()?;
        let (unet, vae, scheduler) = match single {
            Some(parts) => (parts.unet.config, Some(parts.vae.config), parts.scheduler),
            None => (
                ConfigFile::read_if_there(path.join("unet/config.json"))?,
                None,
                ConfigFile::read_if_there(path.join("scheduler/scheduler_config.json"))?,
            ),
        };
        let supported = "a whole number, or a list of height and width";
        let Some((width, height)) = unet.value("sample_size", cells, supported)? else {
            return Ok(Self { size: None, scheduler });
        };
        let vae = vae.map_or_else(|| ConfigFile::read(path.join("vae/config.json")), Ok)?;
        let scale = VaeConfig::parse(&vae)?.scale();
        Ok(Self { size: width.checked_mul(scale).zip(height.checked_mul(scale)), scheduler })
    }
}

/// Width and height of a `sample_size`.
fn cells(value: &Value) -> Option<(usize, usize)> {
    let (height, width) = match value {
        Value::Array(sides) if sides.len() == 2 => (&sides[0], &sides[1]),
        side => (side, side),
    };
    let side = |side: &Value| usize::try_from(side.as_u64()?).ok();
    Some((side(width)?, side(height)?))
}
