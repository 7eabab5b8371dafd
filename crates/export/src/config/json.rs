//! A configuration file with its path, so that errors can name it: file, key, value and what is supported.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{ExportError, Result, read};

/// Plausible numbers of channels, layers and the like.
pub(super) const SIZES: RangeInclusive<usize> = 1..=1 << 20;

/// A JSON object and where it came from.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    pub(crate) path: PathBuf,
    pub(crate) json: Value,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read or is not a JSON object.
    pub fn read(path: PathBuf) -> Result<Self> {
        let text = std::fs::read_to_string(&path).map_err(read(&path))?;
        match serde_json::from_str(&text).or_else(|_| serde_json::from_str(&as_json(&text))) {
            Ok(json) => Self::new(path, json),
            Err(error) => Err(ExportError::Config { path, what: format!("not JSON: {error}") }),
        }
    }

    /// Reads a file; one that does not exist has no keys.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub fn read_if_there(path: PathBuf) -> Result<Self> {
        if path.is_file() { Self::read(path) } else { Self::new(path, json!({})) }
    }

    /// Wraps the content of a file that was already read.
    ///
    /// # Errors
    /// Anything but a JSON object.
    pub fn new(path: impl Into<PathBuf>, json: Value) -> Result<Self> {
        let path = path.into();
        match json.is_object() {
            true => Ok(Self { path, json }),
            false => Err(ExportError::Config { path, what: "a JSON object is expected".into() }),
        }
    }

    /// The whole content.
    pub fn into_json(self) -> Value {
        self.json
    }

    /// Deserializes the file; unknown keys are up to the type to reject.
    ///
    /// # Errors
    /// serde's own.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.json).map_err(|error| self.error(error))
    }

    /// The value of a key. Here and below, where one key is read, `null` means a missing key, unless noted.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.json.get(key).filter(|value| !value.is_null())
    }

    /// Converts the value of a key with `read`.
    ///
    /// # Errors
    /// A value for which `read` returns `None`, by file, key and value, with what is `supported`.
    pub fn value<'a, T>(
        &'a self,
        key: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
        supported: &str,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.unsupported(key, value, [supported]))
    }

    /// A boolean; `null` is false, as `None` is in Python: some published configurations have it.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn flag(&self, key: &str, default: bool) -> Result<bool> {
        let default = default && self.json.get(key).is_none();
        Ok(self.value(key, Value::as_bool, "true or false")?.unwrap_or(default))
    }

    /// A finite number.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn number(&self, key: &str, default: f64) -> Result<f64> {
        let finite = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        Ok(self.value(key, finite, "a number")?.unwrap_or(default))
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn count(&self, key: &str, default: usize, range: RangeInclusive<usize>) -> Result<usize> {
        let supported = format!("a whole number from {} to {}", range.start(), range.end());
        Ok(self.value(key, |value| whole(value, &range), &supported)?.unwrap_or(default))
    }

    /// A number of channels, layers and the like.
    pub(crate) fn size(&self, key: &str, default: usize) -> Result<usize> {
        self.count(key, default, SIZES)
    }

    /// As [`Self::size`], for keys without a default in diffusers.
    pub(crate) fn open_size(&self, key: &str) -> Result<Option<usize>> {
        self.value(key, |value| whole(value, &SIZES), "a whole number")
    }

    /// A list of sizes.
    pub(crate) fn sizes(&self, key: &str, default: &[usize]) -> Result<Vec<usize>> {
        let supported = "a list of whole numbers, one for each level";
        Ok(self.value(key, sizes, supported)?.unwrap_or_else(|| default.to_vec()))
    }

    /// Returns a size for each level, finest first, from one number for all or a list.
    pub(crate) fn per_level(&self, key: &str, default: usize, levels: usize) -> Result<Vec<usize>> {
        let each = |value: &Value| match whole(value, &SIZES) {
            Some(all) => Some(vec![all; levels]),
            None => sizes(value).filter(|sizes| sizes.len() == levels),
        };
        let supported = format!("a whole number, or a list of {levels} of them, one for each level");
        Ok(self.value(key, each, &supported)?.unwrap_or_else(|| vec![default; levels]))
    }

    /// The value in `words` for the word of a key.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn word<T: Clone>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>> {
        let find = |value: &Value| words.iter().find(|(word, _)| value == word).map(|(_, it)| it.clone());
        let supported: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        self.value(key, find, &supported.join(", "))
    }

    /// The values in `words` for a list of words.
    pub(crate) fn words<T: Clone>(&self, key: &str, words: &[(&str, T)], default: &[T]) -> Result<Vec<T>> {
        let Some(listed) = self.value(key, Value::as_array, "a list")? else { return Ok(default.to_vec()) };
        let meaning = |value: &Value| {
            let found = words.iter().find(|(word, _)| value == word).map(|(_, it)| it.clone());
            found.ok_or_else(|| self.unsupported(key, value, words.iter().map(|(word, _)| *word)))
        };
        listed.iter().map(meaning).collect()
    }

    /// Rejects a key with any value but its neutral one.
    ///
    /// # Errors
    /// As [`ConfigFile::value`].
    pub fn only(&self, key: &str, neutral: Value) -> Result<()> {
        let supported = neutral.to_string();
        self.value(key, |value| (*value == neutral).then_some(()), &supported).map(|_| ())
    }

    /// Returns an object within this one, or this one if it is missing. Errors name the same file.
    pub(crate) fn within(&self, key: &str) -> Self {
        let json = self.json.get(key).filter(|value| value.is_object()).unwrap_or(&self.json);
        Self { path: self.path.clone(), json: json.clone() }
    }

    /// Rejects every key whose value is not one of those listed, which may include `null`; a missing key has
    /// its default.
    ///
    /// # Errors
    /// The first such key, by file, key and value, with what is supported.
    pub fn supports(&self, keys: &[(&str, Vec<Value>)]) -> Result<()> {
        for (key, supported) in keys {
            match self.json.get(key) {
                Some(value) if !supported.contains(value) => {
                    return Err(self.unsupported(key, value, supported.iter().map(Value::to_string)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Rejects `null` where a number is needed.
    pub(crate) fn not_null(&self, keys: &[&str]) -> Result<()> {
        match keys.iter().find(|key| self.json.get(key) == Some(&Value::Null)) {
            Some(key) => Err(self.unsupported(key, &Value::Null, ["numbers"])),
            None => Ok(()),
        }
    }

    /// Returns the error for an unsupported value: file, key, value (its beginning, as a list may be long).
    pub(crate) fn unsupported(
        &self,
        key: &str,
        value: &Value,
        supported: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> ExportError {
        let supported: Vec<_> = supported.into_iter().map(|s| s.as_ref().to_owned()).collect();
        ExportError::Unsupported {
            path: self.path.clone(),
            key: key.into(),
            value: value.to_string().chars().take(60).collect(),
            supported: supported.join(", "),
        }
    }

    /// Returns the error for anything else that is wrong with this file.
    pub(crate) fn error(&self, what: impl ToString) -> ExportError {
        ExportError::Config { path: self.path.clone(), what: what.to_string() }
    }

    /// Fails unless `holds`.
    pub(crate) fn require(&self, holds: bool, what: impl FnOnce() -> String) -> Result<()> {
        if holds { Ok(()) } else { Err(self.error(what())) }
    }
}

fn whole(value: &Value, range: &RangeInclusive<usize>) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok().filter(|count| range.contains(count))
}

fn sizes(value: &Value) -> Option<Vec<usize>> {
    value.as_array()?.iter().map(|size| whole(size, &SIZES)).collect()
}

/// Python writes bare infinities and NaN, which JSON does not have: diffusers' multistep solvers save
/// `"lambda_min_clipped": -Infinity`. They become null, which means diffusers' default: no limit.
fn as_json(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let mut parts = text.split('"').peekable();
    let mut in_string = false;
    while let Some(part) = parts.next() {
        if in_string {
            json.push_str(part);
        } else {
            let bare = part.replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null");
            json.push_str(&bare);
        }
        if parts.peek().is_some() {
            json.push('"');
            // A quote after an odd number of backslashes belongs to the string.
            let escapes = part.bytes().rev().take_while(|byte| *byte == b'\\').count();
            in_string = !in_string || escapes % 2 == 1;
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pythons_infinities_are_read_and_strings_are_left_alone() {
        let text = r#"{"a": -Infinity, "b": [NaN, 1], "c \" -Infinity": "Infinity \\", "d": Infinity}"#;
        let value: Value = serde_json::from_str(&as_json(text)).unwrap();
        let expected = json!({
            "a": null, "b": [null, 1], "c \" -Infinity": "Infinity \\", "d": null
        });
        assert_eq!(value, expected);
    }
}
