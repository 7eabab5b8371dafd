//! The device that sessions run on.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use attention::cuda::trial;
use parking_lot::Mutex;

/// The device that sessions run on: `auto`, `cpu`, `cuda` or `cuda:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The best device available.
    #[default]
    Auto,
    /// The CPU execution provider.
    Cpu,
    /// The CUDA execution provider on the GPU with this number.
    Cuda(u32),
}

/// The device chosen, and why. Displayed as one line for the user: `cpu (auto: …)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// [`Device::Cpu`] or [`Device::Cuda`].
    pub device: Device,
    /// Why this one.
    pub why: String,
}

/// A device that was requested but cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The word is not a device.
    #[error("device {0:?}: not known; use auto, cpu, cuda or cuda:N")]
    Unknown(String),
    /// CUDA was requested but cannot be used.
    #[error("device cuda:{number}: {problem}; use --device cpu or auto to do without")]
    NoCuda {
        /// The requested GPU.
        number: u32,
        /// What is missing or wrong: the driver, a library or the GPU.
        problem: String,
    },
}

impl fmt::Display for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => out.write_str("auto"),
            Self::Cpu => out.write_str("cpu"),
            Self::Cuda(number) => write!(out, "cuda:{number}"),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.device, self.why)
    }
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
    /// Returns the device that will be used: [`Device::Cpu`] or [`Device::Cuda`].
    ///
    /// # Errors
    /// As [`Device::explain`].
    pub fn choose(self) -> Result<Self, DeviceError> {
        self.explain().map(|choice| choice.device)
    }

    /// Returns the device that will be used, and why. Never falls back from one that was requested.
    ///
    /// # Errors
    /// [`DeviceError::NoCuda`] says what is missing or wrong.
    pub fn explain(self) -> Result<Choice, DeviceError> {
        self.explain_with(cuda)
    }

    /// [`Device::explain`], where `cuda` returns a GPU's name, or why it cannot be used.
    fn explain_with(self, cuda: impl Fn(u32) -> Result<String, String>) -> Result<Choice, DeviceError> {
        let asked = || "as asked".to_owned();
        match self {
            Self::Cpu => Ok(Choice { device: self, why: asked() }),
            Self::Cuda(number) => match cuda(number) {
                Ok(name) => Ok(Choice { device: self, why: format!("{name}, {}", asked()) }),
                Err(problem) => Err(DeviceError::NoCuda { number, problem }),
            },
            Self::Auto => Ok(match cuda(0) {
                Ok(name) => Choice { device: Self::Cuda(0), why: format!("auto: {name}") },
                Err(problem) => Choice { device: Self::Cpu, why: format!("auto: no CUDA, {problem}") },
            }),
        }
    }
}

/// Returns a GPU's name if ONNX Runtime can use it and its results are right, else what is missing: the
/// driver, the GPU, the provider, its libraries. Each GPU is tried once.
fn cuda(number: u32) -> Result<String, String> {
    static TRIED: Mutex<BTreeMap<u32, Result<String, String>>> = Mutex::new(BTreeMap::new());
    TRIED.lock().entry(number).or_insert_with(|| try_card(number)).clone()
}

#[cfg(target_os = "linux")]
fn try_card(number: u32) -> Result<String, String> {
    use attention::cuda::{driver::Driver, libraries};

    let text = |error: &dyn fmt::Display| error.to_string();
    let driver = Driver::get().map_err(|error| text(&error))?;
    let count = driver.devices().map_err(|error| text(&error))?;
    if number >= count {
        return Err(format!("there are {count} cards, counted from 0"));
    }
    let library = attention::runtime::locate().map_err(|error| text(&error))?;
    libraries::preload(&library).map_err(|error| text(&error))?;
    let name = driver.name(number).map_err(|error| text(&error))?;
    trial::trial(number).map_err(|error| format!("{name}: {error}"))?;
    Ok(name)
}

#[cfg(not(target_os = "linux"))]
fn try_card(_number: u32) -> Result<String, String> {
    Err("CUDA is used on Linux only".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absent(_: u32) -> Result<String, String> {
        Err("libcuda.so.1 cannot be loaded".to_owned())
    }

    fn present(_: u32) -> Result<String, String> {
        Ok("NVIDIA Something".to_owned())
    }

    #[test]
    fn devices_are_read_from_words() {
        let read = |text: &str| text.parse::<Device>();
        assert_eq!(read("cuda:3").unwrap(), Device::Cuda(3));
        assert_eq!(read("cuda").unwrap(), Device::Cuda(0));
        assert_eq!(read("auto").unwrap(), Device::Auto);
        assert!(read("cuda:x").unwrap_err().to_string().contains("cuda:x"));
    }

    #[test]
    fn auto_takes_the_card_if_there_is_one_and_says_why_not_if_there_is_none() {
        let choice = Device::Auto.explain_with(present).unwrap();
        assert_eq!(choice.to_string(), "cuda:0 (auto: NVIDIA Something)");
        let choice = Device::Auto.explain_with(absent).unwrap();
        assert_eq!(choice.to_string(), "cpu (auto: no CUDA, libcuda.so.1 cannot be loaded)");
    }

    #[test]
    fn a_card_that_was_asked_for_never_becomes_the_cpu() {
        let error = Device::Cuda(1).explain_with(absent).unwrap_err().to_string();
        assert!(error.starts_with("device cuda:1: libcuda.so.1 cannot be loaded"), "{error}");
    }

    #[test]
    fn a_card_of_no_machine_is_an_error_whatever_is_installed() {
        // Depending on the machine, the driver, the GPU of that number or a library is missing.
        let error = Device::Cuda(u32::MAX).explain().unwrap_err().to_string();
        assert!(error.starts_with("device cuda:4294967295: "), "{error}");
        assert!(error.contains("libcuda.so.1") || error.contains("cards"), "{error}");
    }
}
