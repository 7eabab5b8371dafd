//! Maps error responses and broken connections to errors that say what to do.

use std::fmt::Display;

use ureq::http::{Response, StatusCode, Uri};
use ureq::{Body, ResponseExt};

use crate::error::one_line;
use crate::remote::{Remote, text};
use crate::{HubConfig, HubError};

impl Remote<'_> {
    /// Why the hub, or the storage it redirects to, does not return a file or the listing.
    pub(crate) fn refusal(&self, file: Option<&str>, response: &Response<Body>) -> HubError {
        let status = response.status();
        let host = response.get_uri().authority().map(ToString::to_string).unwrap_or_default();
        let is_hub = Some(host.as_str()) == host_of(&self.config.endpoint).as_deref();
        let what = match file {
            Some(file) => format!("{file} of {}", self.id),
            None => self.id.to_string(),
        };
        let endpoint = self.config.endpoint.clone();
        let reason = text(response.headers(), "x-error-code").unwrap_or_default();
        let token = if self.config.token.is_some() { " (the one that is set may not)" } else { "" };

        match (status, reason) {
            _ if !is_hub => HubError::Status { host, status: status.as_u16(), what },
            (_, "GatedRepo") => {
                let page = format!("{}/{}", endpoint.trim_end_matches('/'), self.id.repo());
                HubError::Gated { id: self.id.to_string(), page, token }
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                HubError::Refused { id: self.id.to_string(), status: status.as_u16(), token }
            }
            (StatusCode::NOT_FOUND, "RevisionNotFound") => {
                let what = format!("the revision {} of {}", self.id.revision(), self.id.repo());
                HubError::NotFound { what, endpoint }
            }
            (StatusCode::NOT_FOUND, _) => HubError::NotFound { what, endpoint },
            _ => HubError::Status { host, status: status.as_u16(), what },
        }
    }

    pub(crate) fn bad_answer(&self, what: &dyn Display, why: &dyn Display) -> HubError {
        HubError::BadAnswer {
            host: host_of(&self.config.endpoint).unwrap_or_default(),
            what: what.to_string(),
            why: one_line(&why.to_string()),
        }
    }
}

impl HubError {
    pub(crate) fn network(config: &HubConfig, what: &dyn Display, cause: &dyn Display) -> Self {
        Self::Network {
            host: host_of(&config.endpoint).unwrap_or_else(|| config.endpoint.clone()),
            what: what.to_string(),
            cause: one_line(&cause.to_string()),
        }
    }
}

fn host_of(endpoint: &str) -> Option<String> {
    endpoint.parse::<Uri>().ok()?.authority().map(ToString::to_string)
}
