//! The types that cross the network.

use layout::{LayoutWire, MaskMode};
use serde::{Deserialize, Serialize};

use crate::{OccurrenceRequest, Scheduler};

/// A generation as a user asks for it. Everything but the layout and the regions may be left out.
// Its numbers are wider than what is allowed, so that `parse` can report every wrong one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GenerationRequest {
    /// Where the regions lie.
    pub layout: LayoutRequest,
    /// What is in them, the background first, then in the order of the layout's regions.
    pub regions: Vec<RegionRequest>,
    /// A picture of which only some regions are painted anew; left out: everything is painted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inpaint: Option<InpaintRequest>,
    /// The full text; left out or empty: the region texts joined by ` , `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What the picture should not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// Width of the picture in pixels, a multiple of 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Height of the picture in pixels, a multiple of 8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// -1 or left out: random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Number of denoising steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<i64>,
    /// Classifier-free guidance scale; 1 and below turn guidance off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance_scale: Option<f64>,
    /// The scheduler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Scheduler>,
    /// How the steps are spread over the training timesteps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestep_spacing: Option<TimestepSpacing>,
    /// Whether the sigmas are Karras's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub karras: Option<bool>,
    /// DDIM's eta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<f64>,
    /// Number of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<i64>,
    /// Degree of modulation in cross-attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w_cross: Option<f64>,
    /// Degree of modulation in self-attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub w_self: Option<f64>,
    /// Degree of the mask-area adaptive adjustment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_adjust: Option<f64>,
    /// Share of the steps that are modulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulated_fraction: Option<f64>,
    /// Exponent of t / 1000 in the strength.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exponent: Option<f64>,
    /// A constant in place of the value-range adaptive terms, for comparison only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<f64>,
    /// How the layout is brought to the UNet's resolutions, and how its colours are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masks: Option<MaskMode>,
}

impl GenerationRequest {
    /// A request that leaves all but the layout and the regions to the model's defaults.
    pub fn new(layout: LayoutRequest, regions: Vec<RegionRequest>) -> Self {
        Self { layout, regions, ..Self::default() }
    }
}

/// Where a layout comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LayoutRequest {
    /// The run-length form.
    Runs(LayoutWire),
    /// A PNG of colours in base64, decoded at the edge.
    Png(String),
    /// A file, relative to the request file; a server refuses it.
    Path(String),
}

impl Default for LayoutRequest {
    /// None yet: an empty path, which is refused.
    fn default() -> Self {
        Self::Path(String::new())
    }
}

/// A picture of which only some regions are painted anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InpaintRequest {
    /// Where the picture is, which has the request's size: on a server the address of one of the client's own, as
    /// `/api/v1/jobs/ID/pictures/0`; on the command line a file, relative to the request file.
    pub image: String,
    /// The regions to paint anew, 0 for the background, with a narrow margin of the background; the rest stays as it is, up to
    /// a soft edge.
    pub regions: Vec<i64>,
}

/// A region of a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegionRequest {
    /// The text, which must appear word for word in the full text; empty: no token is bound.
    pub text: String,
    /// Factor on the strength of the modulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// First modulated step as a fraction of all steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// End of the modulated steps as a fraction of all steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// Which occurrence of the text in the full text is meant; left out: its own, where the full text is the regions' texts
    /// joined, else the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<OccurrenceRequest>,
}

/// diffusers' `timestep_spacing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimestepSpacing {
    /// Evenly from the first training step on.
    Leading,
    /// Evenly back from the last training step.
    Trailing,
    /// Evenly from the first to the last training step.
    Linspace,
}
