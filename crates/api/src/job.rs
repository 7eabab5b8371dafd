//! A generation on its way.

use serde::{Deserialize, Serialize};

/// Names a job: 128 random bits in lower-case hexadecimal, so that it cannot be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct JobId(pub String);

/// A job as its client sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// How far it is.
    pub state: State,
    /// The full text.
    pub prompt: String,
    /// The seed that is used, drawn when the job was taken in if the request left it open.
    pub seed: u64,
    /// Width of the pictures in pixels.
    pub width: u32,
    /// Height of the pictures in pixels.
    pub height: u32,
    /// Number of pictures that were asked for.
    pub samples: u32,
    /// Number of pictures that are done; they are numbered from 0.
    pub pictures: u32,
    /// What the user should know, such as text that was cut off.
    pub notes: Vec<String>,
    /// When it was taken in, in milliseconds since 1970.
    pub created: i64,
    /// When it came to its end, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<i64>,
    /// Milliseconds until it ends, while it waits or runs: estimated from the time that steps took and from the steps
    /// that are still to be done, those of all jobs that come first included; left out before any step was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u64>,
    /// The last part of the link that shows the job to others, once it is done.
    pub share: Option<String>,
}

/// The states; the last three are final.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum State {
    /// It waits; `ahead` jobs come first.
    Waiting {
        /// Jobs that come first, the running one counted in.
        ahead: u32,
    },
    /// Step `step` of `steps` is done.
    Running {
        /// Steps that are done; all samples take them together.
        step: u32,
        /// Steps in all.
        steps: u32,
    },
    /// All pictures are there.
    Done,
    /// It cannot be done.
    Failed {
        /// Why, for the user.
        reason: String,
    },
    /// The client did not want it any more.
    Cancelled,
}

impl State {
    /// Does nothing follow?
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Done | Self::Failed { .. } | Self::Cancelled)
    }
}

/// A part of a client's history, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Are there older ones? They come with `before` = the last job's id.
    pub more: bool,
}
