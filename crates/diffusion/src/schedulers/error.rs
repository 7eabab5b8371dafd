use super::{PredictionType, SchedulerKind};

/// Why a scheduler cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// A value of the configuration that is wrong, or that diffusers knows and this program does not.
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
    /// A spacing of the timesteps for a scheduler that has its own.
    #[error("timestep_spacing: {scheduler} has timesteps of its own; leave it out")]
    Spacing {
        /// The scheduler.
        scheduler: SchedulerKind,
    },
    /// Steps so many that two of them fall together or the first lies outside of the training.
    #[error("steps: {steps} do not fit into {most} training timesteps with this spacing; choose fewer")]
    Crowded {
        /// As asked for.
        steps: usize,
        /// The number of training timesteps.
        most: usize,
    },
    /// Karras's sigmas for a scheduler without sigmas of its own choosing.
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
        /// Empty, or under which condition.
        circumstance: &'static str,
    },
}

fn those_with_karras() -> String {
    let names = SchedulerKind::ALL.into_iter().filter(|kind| kind.has_karras()).map(SchedulerKind::name);
    names.collect::<Vec<_>>().join(" or ")
}
