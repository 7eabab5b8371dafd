//! `GET /openapi.json`: the interface described for programs.

use std::sync::LazyLock;

use axum::Json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

use super::{events, jobs, model, pictures, samplers, shared, status, tokens};

/// The description, made once.
pub static DESCRIPTION: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Description::openapi);

/// Paint pictures from drawn layouts. A client is known by a cookie, which comes with its first job, or by a token;
/// another client's jobs are not there for it.
#[derive(OpenApi)]
#[openapi(
    info(title = "Dense Diffusion", version = "1"),
    paths(
        status::read,
        model::read,
        samplers::list,
        tokens::find,
        jobs::submit,
        jobs::page,
        jobs::read,
        jobs::request,
        events::watch,
        jobs::cancel,
        jobs::delete,
        pictures::read,
        shared::read,
        shared::request,
        shared::picture,
    ),
    components(schemas(::api::Failure)),
    modifiers(&Common)
)]
struct Description;

/// `GET /openapi.json`.
pub async fn read() -> Json<&'static utoipa::openapi::OpenApi> {
    Json(&DESCRIPTION)
}

/// What every request may be refused with.
struct Common;

const ALWAYS: [(&str, &str); 6] = [
    ("401", "The server is not open to everybody, and who asks is not known"),
    ("408", "It took too long to arrive or to be answered"),
    ("429", "The client asks too often, or has too many jobs; with Retry-After"),
    ("500", "The server's own affair, of which nothing is told"),
    ("503", "The server cannot do it now; with Retry-After"),
    ("507", "The server's disk is full; with Retry-After"),
];
const CHANGES: [(&str, &str); 2] =
    [("403", "A page of another origin asks for a change"), ("413", "The body is too long")];
const BODIES: [(&str, &str); 2] = [
    ("400", "The body is no JSON, or a header is wrong"),
    ("415", "The body is not called application/json"),
];

impl Modify for Common {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        for path in description.paths.paths.values_mut() {
            add(path.get.as_mut(), &[]);
            add(path.post.as_mut(), &CHANGES);
            add(path.delete.as_mut(), &CHANGES);
        }
    }
}

fn add(operation: Option<&mut Operation>, more: &[(&str, &str)]) {
    let Some(operation) = operation else { return };
    let bodies = if operation.request_body.is_some() { &BODIES[..] } else { &[] };
    for (status, meaning) in ALWAYS.iter().chain(more).chain(bodies) {
        let mut response = Response::new(*meaning);
        let schema = Ref::from_schema_name("Failure");
        response.content.insert("application/json".to_owned(), RefOr::T(Content::new(Some(schema))));
        operation.responses.responses.entry((*status).to_owned()).or_insert(RefOr::T(response));
    }
}
