use std::fmt;

/// What the model predicts, diffusers' `prediction_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictionType {
    /// The noise.
    Epsilon,
    /// The velocity ("Progressive Distillation", 2202.00512, section 4).
    VPrediction,
    /// The finished sample.
    Sample,
}

impl fmt::Display for PredictionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Epsilon => "epsilon",
            Self::VPrediction => "v_prediction",
            Self::Sample => "sample",
        })
    }
}

/// A value as a weighted sum of the sample and the model's output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix {
    pub(super) sample: f32,
    pub(super) output: f32,
}

impl Mix {
    pub(super) fn of(self, sample: f32, output: f32) -> f32 {
        self.sample * sample + self.output * output
    }

    pub(super) fn all(self, samples: &[f32], outputs: &[f32]) -> Vec<f32> {
        samples.iter().zip(outputs).map(|(sample, output)| self.of(*sample, *output)).collect()
    }
}

impl PredictionType {
    /// The finished sample x0, where the sample is `alpha * x0 + sigma * noise`.
    pub(super) fn original(self, alpha: f32, sigma: f32) -> Mix {
        match self {
            Self::Epsilon => Mix { sample: 1.0 / alpha, output: -sigma / alpha },
            Self::VPrediction => Mix { sample: alpha, output: -sigma },
            Self::Sample => Mix { sample: 0.0, output: 1.0 },
        }
    }

    /// The noise, likewise.
    pub(super) fn noise(self, alpha: f32, sigma: f32) -> Mix {
        match self {
            Self::Epsilon => Mix { sample: 0.0, output: 1.0 },
            Self::VPrediction => Mix { sample: sigma, output: alpha },
            Self::Sample => Mix { sample: 1.0 / sigma, output: -alpha / sigma },
        }
    }

    /// The finished sample x0, where the sample is `x0 + sigma * noise`. Rounded as in diffusers: with zero
    /// terminal SNR, sigma starts at 4096, and the last digit here shows in the first step.
    pub(super) fn original_of_sigma(self, sigma: f32, sample: f32, output: f32) -> f32 {
        let variance = sigma * sigma + 1.0;
        match self {
            Self::Epsilon => sample - sigma * output,
            Self::VPrediction => output * (-sigma / variance.sqrt()) + sample / variance,
            Self::Sample => output,
        }
    }
}

/// The picture's weight once it and noise of `sigma` are scaled to a joint variance of 1.
pub(super) fn alpha_of(sigma: f32) -> f32 {
    1.0 / (sigma * sigma + 1.0).sqrt()
}

/// The weights of picture and noise, for variances `alpha` (a cumulative product) and 1 - `alpha`.
pub(super) fn alpha_sigma(alpha: f32) -> (f32, f32) {
    (alpha.sqrt(), (1.0 - alpha).sqrt())
}
