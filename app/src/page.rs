//! What the server decides about a page; the browser takes it over.

use api::{Job, Status};
use serde::{Deserialize, Serialize};

/// A page as it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// How the server is.
    pub status: Status,
    /// What is shown.
    pub content: Content,
}

/// What a page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "there is one for each page")]
pub enum Content {
    /// The studio itself.
    Studio,
    /// A generation that someone shares.
    Shared {
        /// The last part of its link.
        token: String,
        /// The generation.
        job: Job,
    },
    /// That there is no such page.
    #[default]
    NotFound,
}

impl Content {
    /// The title of the browser's window.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Studio => "DenseDiffusion",
            Self::Shared { .. } => "Shared picture · DenseDiffusion",
            Self::NotFound => "No such page · DenseDiffusion",
        }
    }
}
