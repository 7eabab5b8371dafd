//! Where the sessions run.

use std::str::FromStr;

/// The processor that the sessions run on: `auto`, `cpu`, `cuda` or `cuda:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The best that is there.
    #[default]
    Auto,
    /// The CPU execution provider.
    Cpu,
    /// The CUDA execution provider on the card of this number.
    Cuda(u32),
}

/// A device that was asked for and is not there.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The word is not a device.
    #[error("device {0:?}: not known; use auto, cpu, cuda or cuda:N")]
    Unknown(String),
    /// CUDA was asked for.
    #[error(
        "device cuda:{0}: this version has no CUDA kernel of the attention op yet; use --device cpu or auto"
    )]
    NoCuda(u32),
}

impl FromStr for Device {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| DeviceError::Unknown(text.to_owned())),
        }
    }
}

impl Device {
    /// Says which device will be used, or why the one asked for cannot be. Never falls back without a word.
    pub fn choose(self) -> Result<Self, DeviceError> {
        match self {
            Self::Auto | Self::Cpu => Ok(Self::Cpu),
            Self::Cuda(number) => Err(DeviceError::NoCuda(number)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_from_words() {
        let read = |text: &str| text.parse::<Device>();
        assert_eq!(read("cuda:3").unwrap(), Device::Cuda(3));
        assert_eq!(read("auto").unwrap().choose().unwrap(), Device::Cpu);
        assert!(read("cuda:x").unwrap_err().to_string().contains("cuda:x"));
        assert!(read("cuda").unwrap().choose().is_err(), "cuda never becomes cpu silently");
    }
}
