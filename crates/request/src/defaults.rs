//! The values of what a request leaves out.

use layout::{MaskMode, ModulationSettings};
use serde::{Deserialize, Serialize};

use crate::{GenerationRequest, LayoutRequest, RegionRequest, RequestError, Scheduler, TimestepSpacing};

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
    /// How the steps are spread; left out: as the model's `scheduler_config.json` says.
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Whether the sigmas are Karras's; left out: as the model's `scheduler_config.json` says.
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
        let method = ModulationSettings::default();
        Self {
            width: 512,
            height: 512,
            negative_prompt: String::new(),
            steps: 50,
            guidance_scale: 7.5,
            scheduler: Scheduler::default(),
            timestep_spacing: None,
            karras: None,
            eta: 0.0,
            samples: 1,
            w_cross: method.w_cross,
            w_self: method.w_self,
            size_adjust: method.size_adjust,
            modulated_fraction: method.modulated_fraction,
            exponent: method.exponent,
            masks: MaskMode::default(),
        }
    }
}

impl Defaults {
    /// Checks that a request may have each of these values.
    ///
    /// # Errors
    /// The values that it may not have, each with its name and what is allowed.
    pub fn check(&self) -> Result<(), RequestError> {
        let any = RegionRequest { text: "any".to_owned(), ..RegionRequest::default() };
        GenerationRequest::new(LayoutRequest::Path("any".to_owned()), vec![any]).parse(self).map(drop)
    }
}

impl GenerationRequest {
    /// The values in effect with a model: its defaults, overridden by what is set here.
    pub fn over(&self, defaults: &Defaults) -> Defaults {
        let scheduler = self.scheduler.unwrap_or(defaults.scheduler);
        Defaults {
            width: self.width.unwrap_or(defaults.width),
            height: self.height.unwrap_or(defaults.height),
            negative_prompt: self.negative_prompt.as_ref().unwrap_or(&defaults.negative_prompt).clone(),
            steps: self.steps.unwrap_or(defaults.steps),
            guidance_scale: self.guidance_scale.unwrap_or(defaults.guidance_scale),
            scheduler,
            // A model's default does not apply to a scheduler without such a setting.
            timestep_spacing: self
                .timestep_spacing
                .or(defaults.timestep_spacing.filter(|_| scheduler.has_spacing())),
            karras: self.karras.or(defaults.karras.filter(|_| scheduler.has_karras())),
            eta: self.eta.unwrap_or(defaults.eta),
            samples: self.samples.unwrap_or(defaults.samples),
            w_cross: self.w_cross.unwrap_or(defaults.w_cross),
            w_self: self.w_self.unwrap_or(defaults.w_self),
            size_adjust: self.size_adjust.unwrap_or(defaults.size_adjust),
            modulated_fraction: self.modulated_fraction.unwrap_or(defaults.modulated_fraction),
            exponent: self.exponent.unwrap_or(defaults.exponent),
            masks: self.masks.unwrap_or(defaults.masks),
        }
    }
}
