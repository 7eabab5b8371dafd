//! What the host decides about those who come.

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

/// Bytes of the key.
const KEY: usize = 64;

/// Shared by all requests.
#[derive(Debug)]
pub struct Hosting {
    /// Who may come.
    pub access: Access,
    /// Who tells others' addresses.
    pub proxies: Proxies,
    /// How many connections one client has.
    pub connections: Arc<ConnectionLimit>,
    /// Requests of one client.
    pub requests: Limiter,
    /// What one client sends to be taken in.
    pub tries: Limiter,
    /// Jobs that one client submits.
    pub submissions: Limiter,
    /// What browsers call the server, where a proxy in front of it does not tell.
    pub public: Option<Public>,
}

/// The server's address for browsers.
#[derive(Clone, Debug)]
pub struct Public {
    /// Such as `https://paint.example`.
    pub origin: String,
    /// Is it `https`?
    pub is_secure: bool,
}

impl Public {
    /// Takes an address without a path.
    ///
    /// # Errors
    /// What is no such address.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let origin = url.trim_end_matches('/').to_ascii_lowercase();
        // Browsers leave a scheme's own port away.
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
    /// Is the server reached over TLS, as far as is known?
    pub fn is_secure(&self) -> bool {
        self.public.as_ref().is_some_and(|public| public.is_secure)
    }

    /// Forgets who has not come for long.
    pub fn forget(&self) {
        self.requests.forget();
        self.submissions.forget();
        self.tries.forget();
        self.access.forget();
    }
}

/// The key that signs cookies: kept in the data folder, made there at first.
///
/// # Errors
/// A file that cannot be read or written, or holds something else.
pub fn key(folder: &Path) -> anyhow::Result<Key> {
    let path = folder.join("cookie-key");
    let context = || format!("the key that signs cookies: {}", path.display());
    let mut bytes = Vec::new();
    match fs::File::open(&path) {
        Ok(file) => drop(file.take(1 + KEY as u64).read_to_end(&mut bytes).with_context(context)?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bytes = rand::random::<[u8; KEY]>().to_vec();
            // Only its owner reads it; it is there whole or not at all.
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
