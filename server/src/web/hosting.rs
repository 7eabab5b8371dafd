//! The host's policy on clients.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::http::HeaderValue;
use axum_extra::extract::cookie::Key;

use super::access::Access;
use super::address::Proxies;
use super::connection_limit::ConnectionLimit;
use super::limit::Limiter;

/// Length of the key in bytes.
const KEY: usize = 64;

/// Shared by all requests.
#[derive(Debug)]
pub struct Hosting {
    /// Access control.
    pub access: Access,
    /// Trusted proxies.
    pub proxies: Proxies,
    /// Connections per client.
    pub connections: Arc<ConnectionLimit>,
    /// Requests per client.
    pub requests: Limiter,
    /// Attempted submissions per client.
    pub tries: Limiter,
    /// Submitted jobs per client.
    pub submissions: Limiter,
    /// The public address, if configured.
    pub public: Option<Public>,
}

/// The server's public address.
#[derive(Clone, Debug)]
pub struct Public {
    /// Such as `https://paint.example`.
    pub origin: String,
    /// Is it `https`?
    pub is_secure: bool,
}

impl Public {
    /// Parses an address without a path.
    ///
    /// # Errors
    /// It is no such address.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let origin = url.trim_end_matches('/').to_ascii_lowercase();
        // Browsers omit a scheme's default port.
        let default_port = if origin.starts_with("https:") { ":443" } else { ":80" };
        let origin = origin.strip_suffix(default_port).unwrap_or(&origin).to_owned();
        let (scheme, authority) = origin.split_once("://").unwrap_or_default();
        let is_plain = !authority.is_empty() && !authority.contains(['/', '?', '#', '@', ' ']);
        anyhow::ensure!(
            ["http", "https"].contains(&scheme) && is_plain && HeaderValue::try_from(&origin).is_ok(),
            "--public-url {url}: not an address such as https://paint.example"
        );
        Ok(Self { is_secure: scheme == "https", origin })
    }
}

impl Hosting {
    /// Is the server known to be reached over TLS?
    pub fn is_secure(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.is_secure)
    }

    /// Forgets inactive clients.
    pub fn forget(&self) {
        self.requests.forget();
        self.submissions.forget();
        self.tries.forget();
        self.access.forget();
    }
}

/// Loads the key that signs cookies from the data folder, creating it if missing.
///
/// # Errors
/// The file cannot be read or written, or holds something else.
pub fn key(folder: &Path) -> anyhow::Result<Key> {
    let path = folder.join("cookie-key");
    let context = || format!("the key that signs cookies: {}", path.display());
    let mut bytes = Vec::new();
    match fs::File::open(&path) {
        Ok(file) => drop(file.take(1 + KEY as u64).read_to_end(&mut bytes).with_context(context)?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bytes = rand::random::<[u8; KEY]>().to_vec();
            // Readable by its owner only, and written atomically.
            let mut file = tempfile::NamedTempFile::new_in(folder).with_context(context)?;
            file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).with_context(context)?;
            file.persist(&path).with_context(context)?;
        }
        Err(error) => return Err(error).with_context(context),
    }
    anyhow::ensure!(
        bytes.len() == KEY,
        "{} is damaged: delete it, and clients get new names",
        path.display()
    );
    Ok(Key::from(&bytes))
}
