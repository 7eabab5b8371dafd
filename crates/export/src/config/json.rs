//! A configuration file with its path, so that errors can name it.

use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{ExportError, Result, read};

/// A parsed JSON object and where it came from.
pub(crate) struct ConfigFile {
    pub path: PathBuf,
    pub json: Value,
}

impl ConfigFile {
    pub fn read(path: PathBuf) -> Result<Self> {
        let text = std::fs::read_to_string(&path).map_err(read(&path))?;
        let json: Value = serde_json::from_str(&as_json(&text)).map_err(|error| ExportError::Config {
            path: path.clone(),
            what: format!("not JSON: {error}"),
        })?;
        match json.is_object() {
            true => Ok(Self { path, json }),
            false => Err(ExportError::Config { path, what: "a JSON object is expected".into() }),
        }
    }

    /// The file as a type; keys that the type does not have are ignored.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.json).map_err(|error| self.error(error))
    }

    /// An object within this one, or this one where that is not there. Errors name the file all the same.
    pub fn within(&self, key: &str) -> Self {
        let json = self.json.get(key).filter(|value| value.is_object()).unwrap_or(&self.json);
        Self { path: self.path.clone(), json: json.clone() }
    }

    /// Refuses every key whose value is none of those listed; a key that is absent has its default.
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

    /// Refuses every key that is neither absent, a whole number from 1 nor a list of such. `null` is no number, but for
    /// the keys that diffusers leaves open.
    pub fn counts(&self, keys: &[&str]) -> Result<()> {
        let count = |value: &Value| value.as_u64().is_some_and(|count| (1..=1 << 20).contains(&count));
        for key in keys {
            match self.json.get(key) {
                None => {}
                Some(Value::Null) if ["num_attention_heads", "time_embedding_dim"].contains(key) => {}
                Some(Value::Array(values)) if values.iter().all(count) => {}
                Some(value) if count(value) => {}
                Some(value) => {
                    return Err(self.unsupported(
                        key,
                        value,
                        ["a whole number", "a list of them, one for each level"],
                    ));
                }
            }
        }
        Ok(())
    }

    /// What is unsupported: file, key, value.
    pub fn unsupported(
        &self,
        key: &str,
        value: &Value,
        supported: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> ExportError {
        let supported: Vec<_> = supported.into_iter().map(|s| s.as_ref().to_owned()).collect();
        ExportError::Unsupported {
            path: self.path.clone(),
            key: key.into(),
            value: value.to_string(),
            supported: supported.join(", "),
        }
    }

    /// Something else that is wrong with this file.
    pub fn error(&self, what: impl ToString) -> ExportError {
        ExportError::Config { path: self.path.clone(), what: what.to_string() }
    }

    /// Fails unless `holds`.
    pub fn require(&self, holds: bool, what: impl FnOnce() -> String) -> Result<()> {
        if holds { Ok(()) } else { Err(self.error(what())) }
    }
}

/// Python writes infinities and NaN bare, which JSON does not have: diffusers' multistep solvers save
/// `"lambda_min_clipped": -Infinity`. They become null, which is the default in diffusers' sense: no limit.
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
            // A quote behind an odd number of backslashes belongs to the string.
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
        let expected = serde_json::json!({
            "a": null, "b": [null, 1], "c \" -Infinity": "Infinity \\", "d": null
        });
        assert_eq!(value, expected);
    }
}
