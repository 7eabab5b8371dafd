//! What is wrong with a request.

use crate::{MAX_TEXT, is_too_long};

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {found}; allowed: {allowed}")]
pub struct Problem {
    /// The field, such as `regions[2].weight`.
    pub path: String,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

/// All that is wrong with a request, in the order of its fields.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is not valid: {}", self.list())]
pub struct RequestError {
    /// The problems; never empty.
    pub problems: Vec<Problem>,
}

impl RequestError {
    /// The problems in one line.
    pub fn list(&self) -> String {
        self.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    }
}

/// Collects the problems of a request.
#[derive(Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(
        &mut self,
        path: impl Into<String>,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        self.0.push(Problem { path: path.into(), found: found.into(), allowed: allowed.into() });
    }

    /// Checks that a whole number is in a range.
    pub(crate) fn whole(&mut self, path: &str, value: i64, allowed: std::ops::RangeInclusive<i64>) {
        if !allowed.contains(&value) {
            self.add(path, format!("is {value}"), format!("{} to {}", allowed.start(), allowed.end()));
        }
    }

    /// Checks that a finite number is in a range.
    pub(crate) fn number(&mut self, path: &str, value: f64, allowed: std::ops::RangeInclusive<f64>) {
        if !allowed.contains(&value) {
            self.add(path, format!("is {value:?}"), format!("{} to {}", allowed.start(), allowed.end()));
        }
    }

    /// Checks that a text is not too long.
    pub(crate) fn text(&mut self, path: &str, text: &str) {
        if is_too_long(text) {
            let found = format!("has {} characters", text.chars().count());
            self.add(path, found, format!("at most {MAX_TEXT}"));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_error(self) -> RequestError {
        RequestError { problems: self.0 }
    }
}
