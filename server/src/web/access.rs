//! Access control: open to all, or by password or token.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hex::FromHex;
use jobs::Owner;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::address::network;
use super::limit::Limiter;

/// The client identified by a request's token.
#[derive(Clone, Debug)]
pub enum Admitted {
    /// Nobody was asked.
    Anybody,
    /// The user of this name.
    User(String),
    /// The client that a token stands for.
    Token(Owner),
}

/// Wrong passwords or tokens that one client may try per minute.
const TRIES: u32 = 20;

/// Concurrent password checks; each takes 19 MiB and some CPU time.
const CHECKS: usize = 2;

/// Maximum cached valid credentials.
const KNOWN: usize = 10_000;

type Hash = [u8; 32];

/// Who may use the server; anybody, if there are neither users nor tokens.
#[derive(Debug)]
pub struct Access {
    /// Argon2 PHC strings by user name.
    users: HashMap<String, String>,
    /// SHA-256 of the tokens, which are random: no slow hash is needed.
    tokens: HashSet<Hash>,
    /// SHA-256 of valid credentials.
    known: Mutex<HashSet<Hash>>,
    /// Failed attempts.
    tries: Limiter,
    /// Clients with too many failures, and until when they are blocked.
    blocked: Mutex<HashMap<IpAddr, Instant>>,
    checks: Semaphore,
}

/// Why access is denied.
#[derive(Debug)]
pub enum Denied {
    /// Missing or wrong credentials; these are the challenges.
    Unknown(Vec<HeaderValue>),
    /// Too many failed attempts.
    TooMany(Duration),
}

impl Access {
    /// Parses users as `NAME:PHC` and tokens as SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// One of them cannot be parsed.
    pub fn new(users: &[String], tokens: &[String]) -> anyhow::Result<Self> {
        let users = users.iter().map(|user| {
            let (name, hash) =
                user.split_once(':').context("--user takes NAME:HASH, made by `password NAME`")?;
            let parsed = PasswordHash::new(hash).map_err(|error| error.to_string());
            let of_argon2 = parsed.and_then(|parsed| match parsed.algorithm.as_str().starts_with("argon2") {
                true => Ok(()),
                false => Err(format!("it is of {}", parsed.algorithm)),
            });
            if let Err(error) = of_argon2 {
                bail!("--user {name}: the hash is none of Argon2's ({error}); `password {name}` makes one");
            }
            Ok((name.to_owned(), hash.to_owned()))
        });
        let tokens = tokens.iter().map(|token| {
            Hash::from_hex(token)
                .ok()
                .with_context(|| format!("--token {token}: not a SHA-256 in hexadecimal; `token` makes one"))
        });
        Ok(Self {
            users: users.collect::<anyhow::Result<_>>()?,
            tokens: tokens.collect::<anyhow::Result<_>>()?,
            known: Mutex::default(),
            tries: Limiter::per_minute(TRIES),
            blocked: Mutex::default(),
            checks: Semaphore::new(CHECKS),
        })
    }

    /// Admits a request. A token identifies its client, which needs no cookie.
    pub async fn admit(&self, headers: &HeaderMap, client: IpAddr) -> Result<Admitted, Denied> {
        if self.users.is_empty() && self.tokens.is_empty() {
            return Ok(Admitted::Anybody);
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, secret) = sent.and_then(|sent| sent.split_once(' ')).ok_or_else(|| self.unknown())?;
        let digest: Hash = Sha256::digest(secret).into();
        let bearer = scheme.eq_ignore_ascii_case("bearer");
        if bearer && self.tokens.contains(&digest) {
            return owner(secret).map(Admitted::Token).ok_or_else(|| self.unknown());
        }
        let basic = scheme.eq_ignore_ascii_case("basic").then(|| name_and_password(secret)).flatten();
        if let Some((name, _)) = &basic
            && self.known.lock().contains(&digest)
        {
            return Ok(Admitted::User(name.clone()));
        }
        let client = network(client);
        self.refuse_blocked(client)?;
        // Held until a failure is counted, so that concurrent attempts gain nothing over successive ones.
        let Ok(_check) = self.checks.acquire().await else { return Err(self.unknown()) };
        self.refuse_blocked(client)?;
        let mut user = None;
        if let Some((name, password)) = basic {
            user = self.is_user(&name, password).await.then_some(name);
        }
        let Some(user) = user else {
            let counted = self.tries.count(client);
            if let Err(wait) = counted {
                self.blocked.lock().insert(client, Instant::now() + wait);
            }
            return Err(counted.map_or_else(Denied::TooMany, |()| self.unknown()));
        };
        let mut known = self.known.lock();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(digest);
        Ok(Admitted::User(user))
    }

    /// Forgets inactive clients.
    pub fn forget(&self) {
        self.tries.forget();
        self.blocked.lock().retain(|_, until| *until > Instant::now());
    }

    fn refuse_blocked(&self, client: IpAddr) -> Result<(), Denied> {
        let until = self.blocked.lock().get(&client).copied();
        let wait = until.and_then(|until| until.checked_duration_since(Instant::now()));
        wait.map_or(Ok(()), |wait| Err(Denied::TooMany(wait)))
    }

    async fn is_user(&self, name: &str, password: String) -> bool {
        // An unknown name takes as long as a wrong password.
        let (hash, exists) = match self.users.get(name) {
            Some(hash) => (hash.clone(), true),
            None => (self.users.values().next().cloned().unwrap_or_default(), false),
        };
        let right = tokio::task::spawn_blocking(move || verify(&hash, &password)).await;
        right.unwrap_or(false) && exists
    }

    fn unknown(&self) -> Denied {
        let basic = HeaderValue::from_static(r#"Basic realm="Dense Diffusion", charset="UTF-8""#);
        let basic = (!self.users.is_empty()).then_some(basic);
        let bearer = (!self.tokens.is_empty()).then_some(HeaderValue::from_static("Bearer"));
        Denied::Unknown(basic.into_iter().chain(bearer).collect())
    }
}

/// What HTTP's Basic scheme sends.
fn name_and_password(secret: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(secret).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// A user in the format of [`Access::new`].
pub fn user(name: &str, password: &str) -> anyhow::Result<String> {
    if name.is_empty() || name.contains([':', ' ']) {
        bail!("a name is not empty and has neither colons nor spaces");
    }
    match Argon2::default().hash_password(password.as_bytes()) {
        Ok(hash) => Ok(format!("{name}:{hash}")),
        Err(error) => bail!("the password cannot be hashed: {error}"),
    }
}

/// A new token, and its SHA-256 for [`Access::new`].
pub fn token() -> (String, String) {
    let token = format!("{:032x}", rand::random::<u128>());
    let hash = hex::encode(Sha256::digest(&token));
    (token, hash)
}

fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Derives a client from a token; it does not reveal the token.
fn owner(token: &str) -> Option<Owner> {
    let digest = Sha256::digest(format!("owner {token}"));
    Owner::parse(&hex::encode(&digest[..16]))
}
