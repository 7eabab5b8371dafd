use super::{PredictionType, SchedulerKind};

/// Why a scheduler cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// A configuration value that is wrong, or that diffusers supports and this program does not.
    #[error(transparent)]
    Config(#[from] export::ExportError),
    /// More steps than the model was trained with, or none.
    #[error("steps: {steps} is out of range; choose between 1 and {most}")]
    Steps {
        /// As asked for.
        steps: usize,
        /// The number of training timesteps.
        most: usize,
    },
    /// More steps than a consistency model was distilled with.
    #[error("steps: {steps} is out of range; the sampler lcm takes 1 to {most}, and 4 to 8 are usual")]
    Distilled {
        /// As asked for.
        steps: usize,
        /// The number of steps that it was distilled with.
        most: usize,
    },
    /// A timestep spacing for a scheduler that has its own.
    #[error("timestep_spacing: {scheduler} has timesteps of its own; leave it out")]
    Spacing {
        /// The scheduler.
        scheduler: SchedulerKind,
    },
    /// So many steps that two coincide, or that the first lies outside the training timesteps.
    #[error("steps: {steps} do not fit into {most} training timesteps with this spacing; choose fewer")]
    Crowded {
        /// As asked for.
        steps: usize,
        /// The number of training timesteps.
        most: usize,
    },
    /// Karras sigmas for a scheduler that has none.
    #[error("karras: {scheduler} has no Karras sigmas; choose {}, or leave it out", those_with_karras())]
    Karras {
        /// The scheduler.
        scheduler: SchedulerKind,
    },
    /// A prediction that the scheduler cannot use.
    #[error(
        "scheduler: {scheduler} does not work with a model of prediction type {prediction}{circumstance}; choose another"
    )]
    Prediction {
        /// The scheduler.
        scheduler: SchedulerKind,
        /// What the model predicts.
        prediction: PredictionType,
        /// Empty, or the condition under which this is so.
        circumstance: &'static str,
    },
}

fn those_with_karras() -> String {
    let names = SchedulerKind::ALL.into_iter().filter(|kind| kind.has_karras()).map(SchedulerKind::name);
    names.collect::<Vec<_>>().join(" or ")
}
