//! Which occurrence of its text a region refers to.

use std::fmt::{self, Display};
use std::num::NonZeroUsize;

use layout::Occurrence;
use serde::{Deserialize, Serialize};

/// An occurrence: a number from 1, or `"all"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum OccurrenceRequest {
    /// The k-th, from 1.
    Number(i64),
    /// `"all"`.
    Word(String),
}

impl OccurrenceRequest {
    /// What is allowed, for a message.
    pub const ALLOWED: &str = "a number from 1, or \"all\"";

    /// The occurrence; `None` if it is not allowed.
    pub fn parse(&self) -> Option<Occurrence> {
        match self {
            Self::Number(k) => usize::try_from(*k).ok().and_then(NonZeroUsize::new).map(Occurrence::Nth),
            Self::Word(word) => (word == "all").then_some(Occurrence::All),
        }
    }
}

impl Default for OccurrenceRequest {
    /// The first.
    fn default() -> Self {
        Occurrence::default().into()
    }
}

impl From<Occurrence> for OccurrenceRequest {
    fn from(occurrence: Occurrence) -> Self {
        match occurrence {
            Occurrence::Nth(k) => Self::Number(k.get().try_into().unwrap_or(i64::MAX)),
            Occurrence::All => Self::Word("all".to_owned()),
        }
    }
}

impl Display for OccurrenceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(k) => write!(f, "{k}"),
            Self::Word(word) => write!(f, "{:?}", word.chars().take(40).collect::<String>()),
        }
    }
}
