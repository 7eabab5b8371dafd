//! `GET /openapi.json`: the interface described for programs.

use std::sync::LazyLock;

use axum::Json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{Modify, OpenApi};

use super::client::COOKIE;
use super::ranges::Ranges;
use super::{events, jobs, model, pictures, samplers, shared, status, tokens};

/// The description, made once.
pub static DESCRIPTION: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(Description::openapi);

/// What everybody should know, as Markdown.
const ABOUT: &str = r#"Paint pictures from drawn layouts.

A generation belongs to whoever submitted it; for all others it is not there. A client is known by the cookie that came
with the first answer to a submission, so keep cookies; or, where the host gave you a token, by the header
`Authorization: Bearer TOKEN`, and no cookie is needed. Where the host has set passwords, send name and password (HTTP
Basic) besides the cookie.

Submit a generation, watch it, and fetch its first picture; ID is what the first answer says as `id`:

    curl --cookie jar --cookie-jar jar 127.0.0.1:3000/api/v1/jobs --json '{
      "layout": {"runs": {"width": 8, "height": 8, "regions": 2, "runs": "32A32B"}},
      "regions": [{"text": "a blue sky"}, {"text": "a green meadow"}],
      "width": 256, "height": 256, "steps": 20
    }'
    curl --cookie jar --no-buffer 127.0.0.1:3000/api/v1/jobs/ID/events
    curl --cookie jar --output 0.png 127.0.0.1:3000/api/v1/jobs/ID/pictures/0
"#;

#[derive(OpenApi)]
#[openapi(
    info(title = "Dense Diffusion", version = "1", description = ABOUT),
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
    modifiers(&Common, &Ranges)
)]
struct Description;

/// `GET /openapi.json`.
pub async fn read() -> Json<&'static utoipa::openapi::OpenApi> {
    Json(&DESCRIPTION)
}

/// What every request may be refused with, and how a client is known.
struct Common;

const ALWAYS: [(&str, &str); 6] = [
    ("401", "The server is not open to everybody, and who asks is not known"),
    ("408", "It took too long to arrive or to be answered"),
    ("429", "The client asks too often, or has too many jobs; with Retry-After"),
    ("500", "An internal error; details are only logged"),
    ("503", "The server cannot do it now; with Retry-After, unless its model cannot be loaded"),
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
        // No operation requires any: what a server wants is its host's choice.
        let components = description.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(COOKIE, "Comes with the first answer to a submission");
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        for (name, scheme) in [("bearer", HttpAuthScheme::Bearer), ("basic", HttpAuthScheme::Basic)] {
            components.add_security_scheme(name, SecurityScheme::Http(Http::new(scheme)));
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
