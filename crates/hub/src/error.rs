//! The crate's errors, each one line that says what to do.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a model could not be found or fetched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HubError {
    /// No variable is set and there is no home folder.
    #[error("no folder for the model cache: set HF_HUB_CACHE or HF_HOME")]
    NoCache,

    /// Neither an existing path nor an id.
    #[error(
        "{model:?} is no folder, no file and no hub id: give a folder in the diffusers layout, a .safetensors file, owner/name or \
         owner/name@revision"
    )]
    BadModel {
        /// As given, shortened.
        model: String,
    },

    /// A file that is no checkpoint.
    #[error(
        "{path} is no .safetensors file: give one (a .ckpt must be converted first), a folder in the diffusers layout, or a hub id",
        path = path.display()
    )]
    NotAModel {
        /// As given.
        path: PathBuf,
    },

    /// A checkpoint file that does not exist.
    #[error("{path} is not there", path = path.display())]
    NoFile {
        /// As given.
        path: PathBuf,
    },

    /// No snapshot of that revision.
    #[error(
        "{id} is no folder and not in the cache {cache}: run `dense-diffusion pull {id}`",
        cache = cache.display()
    )]
    NotCached {
        /// With the revision, if it was given.
        id: String,
        /// The cache that was searched.
        cache: PathBuf,
    },

    /// A snapshot that lacks files, left by an interrupted download or a partial one of another program.
    #[error(
        "{id} is only partly in the cache {cache} ({missing}): run `dense-diffusion pull {id}`",
        cache = cache.display()
    )]
    Incomplete {
        /// With the revision, if it was given.
        id: String,
        /// The cache that was searched.
        cache: PathBuf,
        /// What is missing.
        missing: String,
    },

    /// The repository is something else.
    #[error("{id} is not a Stable Diffusion pipeline in the diffusers layout: {why}")]
    NotAPipeline {
        /// With the revision, if it was given.
        id: String,
        /// What is missing, or unsupported.
        why: String,
    },

    /// A fetch is needed but forbidden.
    #[error(
        "{id} is not (or only partly) in the cache {cache}, and HF_HUB_OFFLINE forbids to fetch it: unset it",
        cache = cache.display()
    )]
    Offline {
        /// With the revision, if it was given.
        id: String,
        /// The cache that was searched.
        cache: PathBuf,
    },

    /// The endpoint is not a valid URL.
    #[error("the hub's address {endpoint:?} is not http://HOST or https://HOST: correct HF_ENDPOINT")]
    BadEndpoint {
        /// As given.
        endpoint: String,
    },

    /// The token is not valid in a header.
    #[error("the hub's token holds characters that no token has: correct HF_TOKEN")]
    BadToken,

    /// 401 or 403 for a repository whose terms must be accepted.
    #[error(
        "{id} is gated: accept its terms at {page}, then set HF_TOKEN to a token that may read it{token}"
    )]
    Gated {
        /// With the revision, if it was given.
        id: String,
        /// The model's page.
        page: String,
        /// The fate of the token that was sent, if any.
        token: &'static str,
    },

    /// 401 or 403 for any other reason; the hub also responds so for names that do not exist.
    #[error(
        "the hub refused {id} (HTTP {status}): it is private or does not exist; check the name, and set \
         HF_TOKEN to a token that may read it{token}"
    )]
    Refused {
        /// With the revision, if it was given.
        id: String,
        /// 401 or 403.
        status: u16,
        /// The fate of the token that was sent, if any.
        token: &'static str,
    },

    /// 404.
    #[error("{what} does not exist at {endpoint}: check the name")]
    NotFound {
        /// The id, the revision or the file.
        what: String,
        /// The hub's address.
        endpoint: String,
    },

    /// Any other status.
    #[error("{host} answered HTTP {status} for {what}: pull again later; what was fetched is kept")]
    Status {
        /// The host that responded.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The id or the file.
        what: String,
    },

    /// No connection, or a broken one.
    #[error(
        "the connection to {host} failed while fetching {what} ({cause}): check the network and HF_ENDPOINT, \
         then pull again; what was fetched is kept"
    )]
    Network {
        /// The host that was asked.
        host: String,
        /// The id or the file.
        what: String,
        /// In one line.
        cause: String,
    },

    /// A response that is not the hub's.
    #[error("the answer of {host} for {what} is not a hub's ({why}): check HF_ENDPOINT")]
    BadAnswer {
        /// The host that responded.
        host: String,
        /// The id or the file.
        what: String,
        /// What is wrong with it.
        why: String,
    },

    /// The bytes do not match the hub's size or hash.
    #[error("{file} arrived damaged ({why}) and was discarded: pull again")]
    Damaged {
        /// The file in the repository.
        file: String,
        /// Size or hash, expected and found.
        why: String,
    },

    /// No space left.
    #[error(
        "the disk is full: {needed} more bytes of {file} do not fit in {path}; free some space or set \
         HF_HUB_CACHE, then pull again; what was fetched is kept",
        path = path.display()
    )]
    DiskFull {
        /// The file that is written.
        path: PathBuf,
        /// The file in the repository.
        file: String,
        /// How many bytes of it are missing.
        needed: u64,
    },

    /// The cache cannot be read or written.
    #[error(
        "the model cache cannot be used: {path}: {source}; correct that or set HF_HUB_CACHE",
        path = path.display()
    )]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },

    /// The cancel token was set.
    #[error("cancelled; what was fetched is kept, and the next pull continues there")]
    Cancelled,
}

impl HubError {
    pub(crate) fn cache(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Cache { path: path.to_owned(), source }
    }
}

/// Sanitizes foreign text for a one-line message.
pub(crate) fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    clean.trim().to_owned()
}
