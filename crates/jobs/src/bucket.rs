//! A bucket of an object storage that speaks as S3 does.

use std::fmt;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ClientOptions, Error, RetryConfig};

/// For one try; a picture has some megabytes.
const TRY: Duration = Duration::from_secs(10);

/// For all tries together, while a client waits.
const TRIES: Duration = Duration::from_secs(15);

/// Where a bucket is, and what it takes to use it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What the names of all pictures in it begin with; may be empty.
    pub prefix: String,
    /// Such as `https://s3.example`; `None`: Amazon's.
    pub endpoint: Option<String>,
    /// Such as `eu-central-1`.
    pub region: String,
    /// Who asks.
    pub keys: Keys,
}

/// The name and the secret of who may use a bucket.
#[derive(Clone)]
pub struct Keys {
    /// The public part.
    pub id: String,
    /// The other.
    pub secret: String,
}

impl Bucket {
    pub(crate) fn open(&self) -> Result<AmazonS3, Error> {
        // As everywhere in the program; it may have been said already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 3, retry_timeout: TRIES, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.name)
            .with_region(&self.region)
            .with_access_key_id(&self.keys.id)
            .with_secret_access_key(&self.keys.secret)
            .with_client_options(ClientOptions::new().with_timeout(TRY).with_connect_timeout(TRY / 2))
            // Which not all of them speak.
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
