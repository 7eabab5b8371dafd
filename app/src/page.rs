//! What the server decides about a page, which the browser takes over.

use api::{Job, Status};
use serde::{Deserialize, Serialize};

/// A requested page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The server's state.
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
    /// A generation shared by a link.
    Shared {
        /// The last part of its link.
        token: String,
        /// The generation.
        job: Job,
    },
    /// There is no such page.
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
