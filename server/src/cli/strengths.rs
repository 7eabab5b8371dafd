//! The flags of the method's strengths, which `generate` and `benchmark` share.

use layout::MaskMode;
use request::{Defaults, GenerationRequest, limits};

/// How strongly and for how long attention is modulated.
#[derive(Debug, clap::Args)]
pub struct StrengthArgs {
    /// Degree of modulation in cross-attention, 0 to 2
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    w_cross: Option<f64>,
    /// Degree of modulation in self-attention, 0 to 2
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    w_self: Option<f64>,
    /// How much large regions are spared, 0 to 1
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    size_adjust: Option<f64>,
    /// Share of the steps that are modulated, 0 to 1
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    modulated_fraction: Option<f64>,
    /// Exponent of t / 1000 in the strength at timestep t
    #[arg(long, allow_negative_numbers = true)]
    exponent: Option<f64>,
    /// How the layout is brought to the UNet's resolutions: keep-thin (the default: no region vanishes, edge pixels join the
    /// nearest region) or nearest (as the original, which compares colours exactly)
    #[arg(long, value_parser = super::word::<MaskMode>)]
    masks: Option<MaskMode>,
}

const _: () = assert!(*limits::MODULATION.end() == 2.0 && *limits::SHARE.end() == 1.0, "what the help says");

impl StrengthArgs {
    /// Puts what is given into a request.
    pub fn set(&self, request: &mut GenerationRequest) {
        super::set(&mut request.w_cross, &self.w_cross);
        super::set(&mut request.w_self, &self.w_self);
        super::set(&mut request.size_adjust, &self.size_adjust);
        super::set(&mut request.modulated_fraction, &self.modulated_fraction);
        super::set(&mut request.exponent, &self.exponent);
        super::set(&mut request.masks, &self.masks);
    }

    /// The same in what requests mean by default.
    pub fn set_defaults(&self, defaults: &mut Defaults) {
        defaults.w_cross = self.w_cross.unwrap_or(defaults.w_cross);
        defaults.w_self = self.w_self.unwrap_or(defaults.w_self);
        defaults.size_adjust = self.size_adjust.unwrap_or(defaults.size_adjust);
        defaults.modulated_fraction = self.modulated_fraction.unwrap_or(defaults.modulated_fraction);
        defaults.exponent = self.exponent.unwrap_or(defaults.exponent);
        defaults.masks = self.masks.unwrap_or(defaults.masks);
    }
}
