//! Picture storage settings of `serve`.

use anyhow::{Context, ensure};
use jobs::{Bucket, Keys, Place};

/// Credentials of the bucket, from the environment only, to keep them private.
const KEYS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// The bucket, if it is one.
#[derive(Debug, clap::Args)]
pub struct PicturesArgs {
    /// Bucket that keeps the pictures, as s3://BUCKET or s3://BUCKET/PREFIX; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    /// open it [default: the data folder]
    #[arg(long, env = "DENSE_DIFFUSION_PICTURES", value_name = "URL")]
    pictures: Option<String>,
    /// Address of a storage that speaks as S3 does, such as `https://s3.example` [default: Amazon's]
    #[arg(long, env = "DENSE_DIFFUSION_S3_ENDPOINT", value_name = "URL")]
    s3_endpoint: Option<String>,
    /// Region of the bucket
    #[arg(long, env = "DENSE_DIFFUSION_S3_REGION", value_name = "REGION", default_value = "us-east-1")]
    s3_region: String,
}

impl PicturesArgs {
    /// Returns the place.
    ///
    /// # Errors
    /// The name is no bucket, or its keys are missing.
    pub fn place(&self) -> anyhow::Result<Place> {
        let Some(url) = &self.pictures else { return Ok(Place::Folder) };
        let path = url.strip_prefix("s3://").unwrap_or_default();
        let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
        ensure!(!name.is_empty(), "--pictures {url}: not a bucket such as s3://studio/pictures");
        if let Some(endpoint) = &self.s3_endpoint {
            let is_url = endpoint
                .parse::<axum::http::Uri>()
                .is_ok_and(|url| url.host().is_some() && url.scheme().is_some());
            ensure!(is_url, "--s3-endpoint {endpoint}: not an address such as https://s3.example");
        }
        let key = |name| {
            std::env::var(name).with_context(|| format!("--pictures {url} needs {} and {}", KEYS[0], KEYS[1]))
        };
        Ok(Place::Bucket(Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self.s3_endpoint.clone(),
            region: self.s3_region.clone(),
            keys: Keys { id: key(KEYS[0])?, secret: key(KEYS[1])? },
        }))
    }
}
