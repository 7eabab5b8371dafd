//! Where the phrases stand in the full text, told by the model's own tokenizer.

use request::OccurrenceRequest;
use serde::{Deserialize, Serialize};

/// Texts as they are being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokensRequest {
    /// The full text.
    pub prompt: String,
    /// The text of each region, the background first; empty ones bind nothing.
    pub regions: Vec<String>,
    /// Which occurrence of each text is meant; where there are fewer entries than regions, as in a generation that names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<OccurrenceRequest>,
}

/// The answer; passages are in the order of the regions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// Tokens of the full text.
    pub used: u32,
    /// Tokens that the model takes.
    pub limit: u32,
    /// What became of each region's text.
    pub regions: Vec<Passage>,
    /// Words of the full text that the model was never shown, each once, as far as that is known: of the embedded model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// A region's text in the full text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "found")]
pub enum Passage {
    /// Nothing to find.
    Empty,
    /// It stands there.
    At {
        /// Byte offsets of its start and end in the full text.
        start: u32,
        /// See `start`.
        end: u32,
    },
    /// It does not stand in the full text, or only beyond the last token that counts.
    Missing {
        /// Why, for the user.
        reason: String,
    },
}
