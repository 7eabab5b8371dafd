use export::ExportError;
use export::config::ConfigFile;
use request::TimestepSpacing;
use serde_json::Value;

use super::betas::Betas;
use super::prediction::PredictionType;
use super::{Sampling, SchedulerError, SchedulerKind};

/// More training timesteps than any model has: a broken file must not exhaust the memory.
const MOST_TRAIN_TIMESTEPS: usize = 100_000;

/// Name prefixes of diffusers' schedulers for models trained with another kind of noise.
const OTHER_NOISE: [&str; 2] = ["EDM", "FlowMatch"];

/// `scheduler_config.json`, whichever scheduler it was written for: any of them can be made from it.
#[derive(Clone, Debug)]
pub struct SchedulerConfig {
    pub(super) num_train_timesteps: usize,
    pub(super) betas: Betas,
    pub(super) rescale_betas_zero_snr: bool,
    pub(super) prediction: PredictionType,
    pub(super) timestep_spacing: Option<TimestepSpacing>,
    pub(super) steps_offset: usize,
    pub(super) karras: bool,
    pub(super) final_sigma_is_zero: bool,
    pub(super) clip_sample: bool,
    /// For the keys that only some schedulers read.
    pub(super) file: ConfigFile,
}

/// The scheduler that a file was written for.
pub(super) fn class(file: &ConfigFile) -> &str {
    file.get("_class_name").and_then(Value::as_str).unwrap_or_default()
}

impl SchedulerConfig {
    /// Reads the file's content. Keys that no scheduler here reads are ignored, as in diffusers.
    ///
    /// # Errors
    /// An unsupported value, by file, key and value.
    pub fn parse(file: &ConfigFile) -> Result<Self, ExportError> {
        let is_other = |class: &str| OTHER_NOISE.iter().any(|family| class.starts_with(family));
        let known = |class: &Value| (!class.as_str().is_some_and(is_other)).then_some(());
        file.value("_class_name", known, "schedulers of a noise schedule by training betas")?;
        let num_train_timesteps = file.count("num_train_timesteps", 1000, 1..=MOST_TRAIN_TIMESTEPS)?;
        Ok(Self {
            num_train_timesteps,
            betas: Betas::parse(file, num_train_timesteps, class(file) == SchedulerKind::Lcm.class_name())?,
            rescale_betas_zero_snr: file.flag("rescale_betas_zero_snr", false)?,
            prediction: file
                .word(
                    "prediction_type",
                    &[
                        ("epsilon", PredictionType::Epsilon),
                        ("v_prediction", PredictionType::VPrediction),
                        ("sample", PredictionType::Sample),
                    ],
                )?
                .unwrap_or(PredictionType::Epsilon),
            timestep_spacing: file.word(
                "timestep_spacing",
                &[
                    ("leading", TimestepSpacing::Leading),
                    ("trailing", TimestepSpacing::Trailing),
                    ("linspace", TimestepSpacing::Linspace),
                ],
            )?,
            steps_offset: file.count("steps_offset", 0, 0..=num_train_timesteps)?,
            karras: file.flag("use_karras_sigmas", false)?,
            final_sigma_is_zero: file
                .word("final_sigmas_type", &[("zero", true), ("sigma_min", false)])?
                .unwrap_or(true),
            clip_sample: file.flag("clip_sample", true)?,
            file: file.clone(),
        })
    }

    /// What diffusers' `StableDiffusionPipeline` corrects in the configuration of an old checkpoint when it loads one:
    /// an offset of one step, and no clipping, which is meant for pixels and not for latents.
    #[must_use]
    pub fn for_stable_diffusion(self) -> Self {
        Self { steps_offset: 1, clip_sample: false, ..self }
    }

    /// `alphas_cumprod`, one for each training timestep.
    pub(super) fn alphas_cumprod(&self) -> Vec<f32> {
        self.betas.alphas_cumprod(self.num_train_timesteps, self.rescale_betas_zero_snr)
    }

    pub(super) fn spacing(&self, sampling: &Sampling) -> TimestepSpacing {
        let default = match sampling.scheduler {
            SchedulerKind::Ddim => TimestepSpacing::Leading,
            _ => TimestepSpacing::Linspace,
        };
        sampling.timestep_spacing.or(self.timestep_spacing).unwrap_or(default)
    }

    /// Rejects noise prediction with zero terminal SNR: pure noise, predicted, says nothing of the picture.
    pub(super) fn check_signal(&self, sampling: &Sampling) -> Result<(), SchedulerError> {
        let prediction = self.prediction;
        if self.rescale_betas_zero_snr && prediction == PredictionType::Epsilon {
            let circumstance = " and `rescale_betas_zero_snr`";
            return Err(SchedulerError::Prediction {
                scheduler: sampling.scheduler,
                prediction,
                circumstance,
            });
        }
        Ok(())
    }

    pub(super) fn crowded(&self, sampling: &Sampling) -> SchedulerError {
        SchedulerError::Crowded { steps: sampling.steps, most: self.num_train_timesteps }
    }
}
