//! `GET /samplers`.

use api::Sampler;
use request::Scheduler;

use super::json::Json;
use crate::web::sdapi::SAMPLERS;

/// The samplers that a request may name.
#[utoipa::path(get, path = "/api/v1/samplers", responses((status = 200, body = Vec<Sampler>)))]
pub async fn list() -> Json<Vec<Sampler>> {
    let samplers = SAMPLERS.map(|(name, title, _)| Sampler {
        name,
        title: title.to_owned(),
        karras: matches!(name, Scheduler::Euler | Scheduler::Dpmpp2m),
        eta: name == Scheduler::Ddim,
    });
    Json(samplers.into())
}
