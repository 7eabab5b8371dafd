//! Reading values of a configuration, with errors that name key, value and what is supported.

use serde_json::{Map, Value};

use super::SchedulerError;

/// The configuration as it stands. A missing key and `null` both mean the default, as in diffusers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> Result<bool, SchedulerError> {
        self.read(key, Value::as_bool, "true or false").map(|flag| flag.unwrap_or(default))
    }

    pub(super) fn number(&self, key: &'static str, default: f64) -> Result<f64, SchedulerError> {
        let finite = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        self.read(key, finite, "a number").map(|number| number.unwrap_or(default))
    }

    pub(super) fn count(
        &self,
        key: &'static str,
        default: usize,
        least: usize,
        most: usize,
    ) -> Result<usize, SchedulerError> {
        let in_range = |value: &Value| {
            let count = usize::try_from(value.as_u64()?).ok()?;
            (least..=most).contains(&count).then_some(count)
        };
        let supported = format!("a whole number from {least} to {most}");
        self.read(key, in_range, &supported).map(|count| count.unwrap_or(default))
    }

    /// One of several words; `None` where the key is missing.
    pub(super) fn word<T: Copy>(
        &self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, SchedulerError> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let find = |value: &Value| words.iter().find(|(name, _)| value == name).map(|(_, meaning)| *meaning);
        self.read(key, find, &names.join(", "))
    }

    /// Refuses a key that is set to anything but its neutral value.
    pub(super) fn only(&self, key: &'static str, neutral: Value) -> Result<(), SchedulerError> {
        let supported = neutral.to_string();
        self.read(key, |value| (*value == neutral).then_some(()), &supported).map(|_| ())
    }

    pub(super) fn read<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
        supported: &str,
    ) -> Result<Option<T>, SchedulerError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| {
            let value: String = value.to_string().chars().take(60).collect();
            SchedulerError::Value { key, value, supported: supported.to_owned() }
        })
    }
}
