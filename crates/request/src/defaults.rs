//! What a request means where it says nothing.

use layout::MaskMode;
use serde::{Deserialize, Serialize};

use crate::{Scheduler, TimestepSpacing};

/// A model's defaults, from its folder's `defaults.json`; what that leaves out has the values of Stable Diffusion and of
/// the original demo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// Width of the picture in pixels.
    pub width: i64,
    /// Height of the picture in pixels.
    pub height: i64,
    /// What the picture should not show.
    pub negative_prompt: String,
    /// Number of denoising steps.
    pub steps: i64,
    /// Classifier-free guidance scale.
    pub guidance_scale: f64,
    /// The scheduler.
    pub scheduler: Scheduler,
    /// How the steps are spread; `None`: as the model's `scheduler_config.json` says.
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Whether the sigmas are Karras's; `None`: as the model's `scheduler_config.json` says.
    pub karras: Option<bool>,
    /// DDIM's eta.
    pub eta: f64,
    /// Number of pictures.
    pub samples: i64,
    /// Degree of modulation in cross-attention.
    pub w_cross: f64,
    /// Degree of modulation in self-attention.
    pub w_self: f64,
    /// Degree of the mask-area adaptive adjustment.
    pub size_adjust: f64,
    /// Share of the steps that are modulated.
    pub modulated_fraction: f64,
    /// Exponent of t / 1000 in the strength.
    pub exponent: f64,
    /// How the layout is brought to the UNet's resolutions.
    pub masks: MaskMode,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            width: 512,
            height: 512,
            negative_prompt: String::new(),
            steps: 50,
            guidance_scale: 7.5,
            scheduler: Scheduler::Ddim,
            timestep_spacing: None,
            karras: None,
            eta: 0.0,
            samples: 1,
            w_cross: 1.0,
            w_self: 0.3,
            size_adjust: 1.0,
            modulated_fraction: 0.3,
            exponent: 5.0,
            masks: MaskMode::KeepThin,
        }
    }
}
