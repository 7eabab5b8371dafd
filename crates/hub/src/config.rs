//! Location of the hub and the cache, from the variables that all Hugging Face libraries read.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::HubError;

/// The public hub.
const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// Where to fetch from, where to cache, and as whom.
#[derive(Clone)]
pub struct HubConfig {
    /// The hub's address, `https://host` or `http://host:port`.
    pub endpoint: String,
    /// The folder that holds `models--owner--name` folders.
    pub cache: PathBuf,
    /// Sent to the endpoint's host, and to no other.
    pub token: Option<String>,
    /// Never use the network.
    pub offline: bool,
}

impl HubConfig {
    /// Reads the configuration of this process as `huggingface_hub` does:
    ///
    /// - `endpoint`: `HF_ENDPOINT`, or `https://huggingface.co`;
    /// - `cache`: `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, or `hub` in the home of Hugging Face: `HF_HOME`,
    ///   `$XDG_CACHE_HOME/huggingface`, or `~/.cache/huggingface`;
    /// - `token`: `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`, or the first line of the file `HF_TOKEN_PATH`, by
    ///   default `token` in the home of Hugging Face, where a login leaves it;
    /// - `offline`: `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is 1, on, yes or true.
    ///
    /// # Errors
    /// [`HubError::NoCache`] if no variable and no home folder says where the cache is.
    pub fn from_env() -> Result<Self, HubError> {
        Self::from_vars(|name| env::var_os(name), env::home_dir())
    }

    /// As [`HubConfig::from_env`], with the given variables: `var` looks one up by name.
    ///
    /// # Errors
    /// As [`HubConfig::from_env`].
    pub fn from_vars(
        var: impl Fn(&str) -> Option<OsString>,
        home: Option<PathBuf>,
    ) -> Result<Self, HubError> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let text = |name: &str| {
            let value = set(name)?.to_string_lossy().trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        let path = |name: &str| set(name).map(|value| expand(PathBuf::from(value), home.as_deref()));
        let is_true = |name: &str| {
            text(name).is_some_and(|v| ["1", "on", "yes", "true"].contains(&v.to_lowercase().as_str()))
        };

        let hf_home = path("HF_HOME")
            .or_else(|| Some(path("XDG_CACHE_HOME")?.join("huggingface")))
            .or_else(|| Some(home.as_ref()?.join(".cache/huggingface")));
        let token_file = path("HF_TOKEN_PATH").or_else(|| Some(hf_home.as_ref()?.join("token")));

        Ok(Self {
            endpoint: text("HF_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned()),
            cache: path("HF_HUB_CACHE")
                .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
                .or_else(|| Some(hf_home.as_ref()?.join("hub")))
                .ok_or(HubError::NoCache)?,
            token: text("HF_TOKEN")
                .or_else(|| text("HUGGING_FACE_HUB_TOKEN"))
                .or_else(|| first_line(&token_file?)),
            offline: is_true("HF_HUB_OFFLINE") || is_true("TRANSFORMERS_OFFLINE"),
        })
    }
}

/// Keeps the token out of logs.
impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConfig")
            .field("endpoint", &self.endpoint)
            .field("cache", &self.cache)
            .field("token", &self.token.as_ref().map(|_| "(set)"))
            .field("offline", &self.offline)
            .finish()
    }
}

fn expand(path: PathBuf, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn first_line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
