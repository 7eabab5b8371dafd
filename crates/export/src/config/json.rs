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
        let text = std::fs::read(&path).map_err(read(&path))?;
        let json: Value = serde_json::from_slice(&text).map_err(|error| ExportError::Config {
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
