//! The schedulers, also called samplers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The schedulers, named as diffusers' classes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scheduler {
    /// `DDIMScheduler`.
    #[default]
    Ddim,
    /// `EulerDiscreteScheduler`.
    Euler,
    /// `EulerAncestralDiscreteScheduler`.
    EulerAncestral,
    /// `DPMSolverMultistepScheduler` of order 2.
    #[serde(rename = "dpmpp_2m")]
    Dpmpp2m,
    /// `LCMScheduler`.
    Lcm,
}

impl Scheduler {
    /// All of them, the default first.
    pub const ALL: [Self; 5] = [Self::Ddim, Self::Euler, Self::EulerAncestral, Self::Dpmpp2m, Self::Lcm];

    /// Its name in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ddim => "ddim",
            Self::Euler => "euler",
            Self::EulerAncestral => "euler_ancestral",
            Self::Dpmpp2m => "dpmpp_2m",
            Self::Lcm => "lcm",
        }
    }

    /// Its class in diffusers.
    pub const fn class_name(self) -> &'static str {
        match self {
            Self::Ddim => "DDIMScheduler",
            Self::Euler => "EulerDiscreteScheduler",
            Self::EulerAncestral => "EulerAncestralDiscreteScheduler",
            Self::Dpmpp2m => "DPMSolverMultistepScheduler",
            Self::Lcm => "LCMScheduler",
        }
    }

    /// Its name for display: the Stable Diffusion web UI's (A1111's).
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ddim => "DDIM",
            Self::Euler => "Euler",
            Self::EulerAncestral => "Euler a",
            Self::Dpmpp2m => "DPM++ 2M",
            Self::Lcm => "LCM",
        }
    }

    /// Whether it can use Karras's sigmas.
    pub const fn has_karras(self) -> bool {
        matches!(self, Self::Euler | Self::Dpmpp2m)
    }

    /// Whether its timestep spacing can be chosen.
    pub const fn has_spacing(self) -> bool {
        !matches!(self, Self::Lcm)
    }

    /// Whether `eta` changes anything.
    pub const fn has_eta(self) -> bool {
        matches!(self, Self::Ddim)
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_and_writes_the_names() {
        for scheduler in Scheduler::ALL {
            assert_eq!(serde_json::to_value(scheduler).expect("serializable"), scheduler.name());
        }
    }
}
