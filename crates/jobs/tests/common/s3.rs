//! As much of an object storage as pictures need: it speaks as S3 does, on a free port, and forgets all at its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use jobs::{Bucket, Keys, Place};
use tokio::net::TcpListener;
use tokio::sync::{Notify, OwnedMutexGuard};

const NAME: &str = "studio";
const ID: &str = "the host";

/// What lies in the bucket, and whether the storage takes anything in.
#[derive(Clone, Default)]
pub struct S3 {
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    refusal: Arc<Mutex<Option<StatusCode>>>,
    removals: Arc<tokio::sync::Mutex<()>>,
    removing: Arc<Notify>,
    url: String,
}

impl S3 {
    /// Answers for as long as the runtime of the test runs.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let s3 = Self { url, ..Self::default() };
        let router = Router::new()
            .route("/{bucket}", get(list))
            .route("/{bucket}/{*key}", any(object))
            .with_state(s3.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        s3
    }

    /// For a store whose pictures lie here.
    pub fn place(&self) -> Place {
        Place::Bucket(Bucket {
            name: NAME.to_owned(),
            prefix: "pictures/of the studio".to_owned(),
            endpoint: Some(self.url.clone()),
            region: "nowhere".to_owned(),
            keys: Keys { id: ID.to_owned(), secret: "secret".to_owned() },
        })
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on every request has this answer, if there is one.
    pub fn refuse(&self, with: Option<StatusCode>) {
        *self.refusal.lock().unwrap() = with;
    }

    /// Removals wait for as long as the guard lives.
    pub async fn hold_removals(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.removals).lock_owned().await
    }

    /// Waits until somebody asks for a removal.
    pub async fn removal(&self) {
        self.removing.notified().await;
    }

    pub fn names(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    pub fn put(&self, name: &str, bytes: &'static [u8]) {
        self.objects.lock().unwrap().insert(name.to_owned(), Bytes::from_static(bytes));
    }

    fn check(&self, bucket: &str, headers: &HeaderMap) -> Result<(), StatusCode> {
        let signed = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
        if !signed.starts_with(&format!("AWS4-HMAC-SHA256 Credential={ID}/")) {
            return Err(StatusCode::FORBIDDEN);
        }
        match *self.refusal.lock().unwrap() {
            Some(status) => Err(status),
            None if bucket == NAME => Ok(()),
            None => Err(StatusCode::NOT_FOUND),
        }
    }
}

async fn object(
    State(s3): State<S3>,
    Path((bucket, key)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(status) = s3.check(&bucket, &headers) {
        return status.into_response();
    }
    if method == Method::DELETE {
        s3.removing.notify_one();
        drop(s3.removals.lock().await);
    }
    let mut objects = s3.objects.lock().unwrap();
    let tag = [(header::ETAG, "\"it\""), (header::LAST_MODIFIED, "Thu, 01 Jan 2026 00:00:00 GMT")];
    match method {
        Method::PUT => {
            objects.insert(key, body);
            tag.into_response()
        }
        Method::GET | Method::HEAD => match objects.get(&key) {
            Some(bytes) => (tag, bytes.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        Method::DELETE => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

async fn list(
    State(s3): State<S3>,
    Path(bucket): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Err(status) = s3.check(&bucket, &headers) {
        return status.into_response();
    }
    let objects = s3.objects.lock().unwrap();
    let mine = objects.iter().filter(|(name, _)| name.starts_with(&query["prefix"]));
    let content = |(name, bytes): (&String, &Bytes)| {
        let size = bytes.len();
        format!(
            "<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <Size>{size}</Size></Contents>"
        )
    };
    let contents: String = mine.map(content).collect();
    format!("<ListBucketResult>{contents}</ListBucketResult>").into_response()
}
