//! The hub's HTTP API for downloads.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use hf_hub::api::sync::{Api, ApiBuilder};
use hf_hub::{Cache, Repo, RepoType};
use serde::Deserialize;
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body, Proxy};

use crate::digest::Checksum;
use crate::model_id::is_segment;
use crate::{HubConfig, HubError, ModelId};

/// How long a server may be silent, before or during a response.
const SILENCE: Duration = Duration::from_secs(30);
const REDIRECTS: u32 = 5;

pub(crate) struct Remote<'a> {
    pub(crate) config: &'a HubConfig,
    pub(crate) id: &'a ModelId,
    api: Api,
    agent: Agent,
}

/// The hub's description of a revision.
#[derive(Deserialize)]
struct Answer {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: String,
    size: u64,
}

/// A commit and its files; `None` for files of a mirror that lists only names.
pub(crate) struct Listing {
    pub(crate) commit: String,
    pub(crate) files: BTreeMap<String, Option<Content>>,
}

/// The content of a file.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// The name of its blob in the cache: the hub's ETag.
    pub(crate) blob: String,
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
}

impl<'a> Remote<'a> {
    pub(crate) fn new(config: &'a HubConfig, id: &'a ModelId) -> Result<Self, HubError> {
        let endpoint = config.endpoint.trim_end_matches('/').to_owned();
        let uri: Option<Uri> = endpoint.parse().ok();
        let host =
            uri.as_ref().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https"))).and_then(Uri::host);
        let Some(host) = host else {
            return Err(HubError::BadEndpoint { endpoint: config.endpoint.clone() });
        };
        if config.token.as_ref().is_some_and(|token| !token.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(HubError::BadToken);
        }
        let agent = Agent::config_builder()
            .user_agent(concat!("dense-diffusion/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy(host))
            .http_status_as_error(false)
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .max_redirects(REDIRECTS)
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build()
            .into();
        let api = ApiBuilder::from_cache(Cache::new(config.cache.clone()))
            .with_endpoint(endpoint)
            .with_token(config.token.clone())
            .with_user_agent("dense-diffusion", env!("CARGO_PKG_VERSION"))
            .build()
            .map_err(|error| HubError::network(config, id, &error))?;
        Ok(Self { config, id, api, agent })
    }

    /// Lists the files at the revision, with sizes and hashes.
    pub(crate) fn listing(&self) -> Result<Listing, HubError> {
        let repo = Repo::with_revision(self.id.repo().into(), RepoType::Model, self.id.revision().into());
        let mut response = self
            .api
            .repo(repo)
            .info_request()
            .query("blobs", "true")
            .config()
            .proxy(self.agent.config().proxy().cloned())
            .http_status_as_error(false)
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build()
            .call()
            .map_err(|error| HubError::network(self.config, self.id, &error))?;
        if !response.status().is_success() {
            return Err(self.refusal(None, &response));
        }
        let answer: Answer = response.body_mut().read_json().map_err(|error| match error {
            ureq::Error::Json(error) if !error.is_io() => self.bad_answer(self.id, &error),
            error => HubError::network(self.config, self.id, &error),
        })?;
        if !is_segment(&answer.sha) {
            return Err(self.bad_answer(self.id, &"no commit hash"));
        }
        let files = answer.siblings.into_iter().map(|s| (s.rfilename.clone(), s.content())).collect();
        Ok(Listing { commit: answer.sha, files })
    }

    /// Returns size and hash of one file, for mirrors that list only names.
    pub(crate) fn content(&self, commit: &str, path: &str) -> Result<Content, HubError> {
        let mut url = self.url(commit, path);
        for _ in 0..=REDIRECTS {
            let request = self.agent.head(&url).header("accept-encoding", "identity");
            let response = self
                .authorised(request)
                // The hub's headers describe the file; those of its storage do not.
                .config()
                .max_redirects(0)
                .max_redirects_will_error(false)
                .build()
                .call()
                .map_err(|error| HubError::network(self.config, &path, &error))?;
            let headers = response.headers();
            let location = text(headers, "location").filter(|_| response.status().is_redirection());
            match location {
                // A renamed repository: the hub redirects to itself.
                Some(place) if place.starts_with('/') && text(headers, "x-linked-etag").is_none() => {
                    url = format!("{}{place}", self.origin());
                }
                _ if response.status().is_success() || location.is_some() => {
                    return Content::of(headers, location.is_some())
                        .ok_or_else(|| self.bad_answer(&path, &"neither ETag nor size"));
                }
                _ => return Err(self.refusal(Some(path), &response)),
            }
        }
        Err(self.bad_answer(&path, &"too many redirects"))
    }

    /// Requests a file from `start`, if the server supports it; status 200 means all of it.
    pub(crate) fn get(&self, commit: &str, path: &str, start: u64) -> Result<Response<Body>, HubError> {
        let mut request = self.agent.get(self.url(commit, path)).header("accept-encoding", "identity");
        if start > 0 {
            request = request.header("range", format!("bytes={start}-"));
        }
        let response =
            self.authorised(request).call().map_err(|error| HubError::network(self.config, &path, &error))?;
        if response.status().is_success() { Ok(response) } else { Err(self.refusal(Some(path), &response)) }
    }

    fn url(&self, commit: &str, path: &str) -> String {
        self.api.repo(Repo::with_revision(self.id.repo().into(), RepoType::Model, commit.into())).url(path)
    }

    fn origin(&self) -> String {
        let uri: Uri = self.config.endpoint.parse().unwrap_or_default();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        format!("{}://{authority}", uri.scheme_str().unwrap_or("https"))
    }

    fn authorised<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.config.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

impl Sibling {
    fn content(self) -> Option<Content> {
        let (blob, size, checksum) = match (self.lfs, self.blob_id) {
            (Some(lfs), _) => (lfs.sha256.clone(), lfs.size, Checksum::Sha256(lfs.sha256)),
            (None, Some(id)) => (id.clone(), self.size?, Checksum::GitBlob(id)),
            (None, None) => return None,
        };
        is_segment(&blob).then_some(Content { blob, size, checksum })
    }
}

impl Content {
    fn of(headers: &HeaderMap, redirected: bool) -> Option<Self> {
        let linked = text(headers, "x-linked-etag");
        let etag = linked.or_else(|| text(headers, "etag"))?;
        let blob = etag.trim_start_matches("W/").trim_matches('"').to_owned();
        let length = if redirected { None } else { text(headers, "content-length") };
        let size = text(headers, "x-linked-size").or(length)?.parse().ok()?;
        let is_sha256 = linked.is_some() && blob.len() == 64 && blob.bytes().all(|b| b.is_ascii_hexdigit());
        let checksum = if is_sha256 { Checksum::Sha256(blob.clone()) } else { Checksum::Unknown };
        is_segment(&blob).then_some(Self { blob, size, checksum })
    }
}

pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the environment's proxy, but never for this machine itself.
fn proxy(host: &str) -> Option<Proxy> {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    if is_loopback { None } else { Proxy::try_from_env() }
}
