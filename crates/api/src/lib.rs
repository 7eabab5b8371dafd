//! The HTTP interface `/api/v1` as types: what the page and the server say to each other.
//!
//! | Request | Body | Answer |
//! | --- | --- | --- |
//! | `GET /api/v1/status` | - | [`Status`] |
//! | `GET /api/v1/model` | - | [`Model`] |
//! | `GET /api/v1/samplers` | - | [`Sampler`]s |
//! | `POST /api/v1/tokens` | [`TokensRequest`] | [`Tokens`] |
//! | `POST /api/v1/jobs` | [`request::GenerationRequest`] | 201 [`Job`]; 200 if its `Idempotency-Key` came before |
//! | `GET /api/v1/jobs?before=ID&limit=N` | - | [`JobPage`]: the client's own, newest first; `unfinished=true` in place of `before`: back to the oldest unfinished one at least |
//! | `GET /api/v1/jobs/{id}` | - | [`Job`] |
//! | `GET /api/v1/jobs/{id}/request` | - | [`request::GenerationRequest`] with the seed that was used |
//! | `GET /api/v1/jobs/{id}/events` | - | server-sent [`Event`]s, resumed by `Last-Event-ID` |
//! | `POST /api/v1/jobs/{id}/cancel` | - | [`Job`] |
//! | `DELETE /api/v1/jobs/{id}` | - | 204 |
//! | `GET /api/v1/jobs/{id}/pictures/{n}` | - | PNG that carries its request |
//! | `GET /api/v1/shared/{token}` | - | [`Job`], for whoever has the link; `/request` and `/pictures/{n}` below it |
//!
//! `GET /api/v1/openapi.json` and, for people, `/api/v1/docs` describe the same.
//!
//! A client is an anonymous, signed cookie, given with a page or with the first job, or a bearer token where the host gives
//! out any; another client's job is 404 everywhere.
//! Clients take turns, and short jobs come before long ones: [`State::Waiting`] and [`Job::left`] tell place and time. Errors are [`Failure`]s with a fitting status:
//!
//! | Status | When |
//! | --- | --- |
//! | 400, 413, 415 | the body is not JSON, too long, not called `application/json`; an `Idempotency-Key` that is none, or of a client without cookie or token |
//! | 401 | the server is not open to everybody, and who asks is not known |
//! | 403 | a page of another origin asks for a change |
//! | 404, 405 | not there, not (or not any more) this client's; not with this method |
//! | 408 | it took too long to arrive or to be answered |
//! | 422 | a field is wrong, misspelt or over a limit: [`Failure::fields`]; an `Idempotency-Key` of another request |
//! | 429, with `Retry-After` | the client has [`Limits::jobs`] that wait or run, or asks too often |
//! | 500 | an internal error; details are only logged |
//! | 503, with `Retry-After` | the queue is full; the database is locked; the pictures' storage does not answer; the model is still being loaded (jobs are taken in already) |
//! | 503, without | the model cannot be loaded |
//! | 507, with `Retry-After` | the disk is full |

mod event;
mod failure;
mod job;
mod model;
mod sampler;
mod status;
mod tokens;

pub use event::{Event, Preview};
pub use failure::Failure;
pub use job::{Job, JobId, JobPage, State};
pub use model::{Limits, Model};
pub use sampler::Sampler;
pub use status::Status;
pub use tokens::{Passage, Tokens, TokensRequest};

/// The path that all others begin with.
pub const ROOT: &str = "/api/v1";
