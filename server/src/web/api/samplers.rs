//! `GET /samplers`.

use api::Sampler;
use request::Scheduler;

use super::json::Json;

/// The samplers that a request may name.
#[utoipa::path(get, path = "/api/v1/samplers", responses((status = 200, body = Vec<Sampler>)))]
pub async fn list() -> Json<Vec<Sampler>> {
    let samplers = Scheduler::ALL.map(|name| Sampler {
        name,
        title: name.title().to_owned(),
        karras: name.has_karras(),
        eta: name.has_eta(),
    });
    Json(samplers.into())
}
