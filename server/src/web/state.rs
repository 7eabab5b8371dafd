//! State shared by all requests.

use std::sync::Arc;

use api::Status;
use axum::extract::FromRef;
use axum_extra::extract::cookie::Key;
use leptos::config::LeptosOptions;

use super::hosting::Hosting;
use super::site::{OUTPUT_NAME, Site};
use super::studio::{Engine, Studio};

/// Shared by all requests; cheap to clone.
#[derive(Clone, FromRef)]
pub struct WebState {
    /// Options with which leptos names the front end's files.
    pub options: LeptosOptions,
    /// The front end's files.
    pub site: Site,
    /// The studio.
    pub studio: Arc<Studio>,
    /// Access control and rate limits.
    pub hosting: Arc<Hosting>,
    /// The key that signs cookies.
    pub key: Key,
}

impl WebState {
    /// State of a server that serves `site` and paints with `studio`, under the policy `hosting`.
    pub fn new(site: Site, studio: Studio, hosting: Hosting, key: Key) -> Self {
        let root = site.root().to_string_lossy().into_owned();
        let options = LeptosOptions::builder().output_name(OUTPUT_NAME).site_root(root);
        let options = options.site_pkg_dir(site.package()).build();
        Self { options, site, studio: Arc::new(studio), hosting: Arc::new(hosting), key }
    }

    /// The server's state now.
    pub fn status(&self) -> Status {
        let (model, problem) = match self.studio.engine() {
            Engine::Loading => (None, None),
            Engine::Ready(model) => (Some(model.name.clone()), None),
            Engine::Failed(why) => (None, Some(why)),
        };
        Status { version: env!("CARGO_PKG_VERSION").to_owned(), model, problem }
    }
}
