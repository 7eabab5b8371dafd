//! The events of a job in progress.

use api::{Event, JobId};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

/// An open stream of events; dropping it closes it.
pub struct Watch {
    source: EventSource,
    // The browser calls these as long as the stream is open.
    _message: Closure<dyn Fn(MessageEvent)>,
    _error: Closure<dyn Fn()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Opens the event stream of a job. The browser itself reconnects, with the ID of the last event it received;
/// `lost` is called whenever the stream breaks, with whether the browser has given up.
pub fn watch(id: &JobId, event: impl Fn(Event) + 'static, lost: impl Fn(bool) + 'static) -> Option<Watch> {
    let source = EventSource::new(&format!("{}/events", super::job_path(id))).ok()?;
    let message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let text = message.data().as_string().unwrap_or_default();
        // The event's name gives its type: deserializing a tagged `Event` would duplicate the code for a job.
        let known = match message.type_().as_str() {
            Event::JOB => serde_json::from_str(&text).map(Event::Job),
            _ => serde_json::from_str(&text).map(Event::Preview),
        };
        if let Ok(known) = known {
            event(known);
        }
    });
    for name in [Event::JOB, Event::PREVIEW] {
        source.add_event_listener_with_callback(name, message.as_ref().unchecked_ref()).ok()?;
    }
    let watched = source.clone();
    let error = Closure::<dyn Fn()>::new(move || lost(watched.ready_state() == EventSource::CLOSED));
    source.set_onerror(Some(error.as_ref().unchecked_ref()));
    Some(Watch { source, _message: message, _error: error })
}
