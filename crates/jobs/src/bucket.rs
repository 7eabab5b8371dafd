//! S3-compatible object storage for pictures.

use std::fmt;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ClientOptions, Error, RetryConfig};

/// Timeout of one attempt; a picture is a few megabytes.
const TRY: Duration = Duration::from_secs(10);

/// Timeout of all attempts together: a client is waiting.
const TRIES: Duration = Duration::from_secs(15);

/// Location of a bucket and the credentials for it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Prefix of all picture names in it; may be empty.
    pub prefix: String,
    /// Such as `https://s3.example`; `None`: Amazon's.
    pub endpoint: Option<String>,
    /// Such as `eu-central-1`.
    pub region: String,
    /// Credentials.
    pub keys: Keys,
}

/// Access key of a bucket.
#[derive(Clone)]
pub struct Keys {
    /// The access key ID.
    pub id: String,
    /// The secret access key.
    pub secret: String,
}

impl Bucket {
    pub(crate) fn open(&self) -> Result<AmazonS3, Error> {
        // As everywhere in the program; may already be installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 3, retry_timeout: TRIES, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.keys.id)
            .with_secret_access_key(&self.keys.secret)
            .with_client_options(ClientOptions::new().with_timeout(TRY).with_connect_timeout(TRY / 2))
            // Not supported by every S3-compatible service.
            .with_disable_bulk_delete(true)
            .with_retry(retry);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        builder.build()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}
