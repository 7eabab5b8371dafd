//! What a job says while it is on its way.

use serde::{Deserialize, Serialize};

use crate::Job;

/// One server-sent event; its `id:` is a number that grows, over restarts of the server too, its `event:` the variant's
/// name.
///
/// A client that comes late gets the current `job` first, which says all that was missed, and the last `preview` of each
/// picture; one that comes again, with the number of its last event, gets of these what is newer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// The job, whenever its state changed; the stream ends after a final state.
    Job(Job),
    /// How a picture looks so far.
    Preview(Preview),
}

/// How a picture looks so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Which sample.
    pub sample: u32,
    /// Width in pixels: one pixel per latent cell.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// A PNG in base64.
    pub png: String,
}

impl Event {
    /// The name of [`Event::Job`].
    pub const JOB: &str = "job";
    /// The name of [`Event::Preview`].
    pub const PREVIEW: &str = "preview";

    /// The name that stands in the stream's `event:` line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Job(_) => Self::JOB,
            Self::Preview(_) => Self::PREVIEW,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_as_it_is_documented() {
        let event = Event::Preview(Preview { sample: 0, width: 2, height: 1, png: "iVBO".into() });
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(text, r#"{"event":"preview","sample":0,"width":2,"height":1,"png":"iVBO"}"#);
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}
