//! What this browser keeps between visits: `localStorage`, about five million characters for the whole site.

use web_sys::Storage;

/// The document that is being drawn, as a project file.
pub const DOCUMENT: &str = "document";
/// A document that the studio opens next, as a project file.
pub const COPY: &str = "copy";
/// The job that was followed last.
pub const JOB: &str = "job";
/// Before a job's id: the job that painted the same without the layout.
pub const PLAIN: &str = "plain-";
/// Set once the introduction was put away.
pub const WELCOMED: &str = "welcomed";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// What was kept under a name.
pub fn load(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Keeps a text under a name; `false` if the browser refuses (no room, a private window).
pub fn save(name: &str, text: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, text).is_ok())
}

/// Forgets what was kept under a name.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}
