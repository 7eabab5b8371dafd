//! Access to the world outside the page: the server's `/api/v1`, the browser's storage and files.
//!
//! It works in the browser only, called by effects and event handlers, which the server never runs.

mod clipboard;
mod events;
mod files;
mod focus;
mod http;
mod scroll;
pub mod storage;

pub use clipboard::{copy_picture, copy_text};
pub use events::{Watch, watch};
pub use files::{Pixels, decode_picture, download, encode_picture, paint, read_bytes};
pub use focus::{commit_number, focus, focus_on, keep_focus};
pub use http::{SILENCE, delete, find, get, get_bytes, post, post_empty};
pub use scroll::reveal;

use api::JobId;
use leptos::prelude::document;

/// The address of a job.
pub fn job_path(id: &JobId) -> String {
    format!("{}/jobs/{}", api::ROOT, id.0)
}

/// Whether no dialogue is open and the user is neither drawing nor typing.
pub fn is_idle() -> bool {
    let busy = "dialog[open], [data-drawing], :is(.region-text, textarea):focus";
    document().query_selector(busy).is_ok_and(|busy| busy.is_none())
}

/// The address of a job's picture.
pub fn picture_path(id: &JobId, sample: u32) -> String {
    format!("{}/pictures/{sample}", job_path(id))
}
