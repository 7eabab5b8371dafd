//! The browser's storage: a few million characters for the whole site.

use api::JobId;
use wasm_bindgen::JsValue;
use web_sys::{Storage, Window};

/// Storage that all tabs share, kept for the next visit.
pub const BROWSER: Store = Store(Window::local_storage);
/// Storage of a single tab, kept over reloads. A duplicated tab starts with a copy.
pub const TAB: Store = Store(Window::session_storage);

/// The current document, as a project file; in [`BROWSER`], the prefix of a key that ends in a time.
pub const DOCUMENT: &str = "document";
/// A document for the studio to open next, as a project file.
pub const COPY: &str = "copy";
/// The job that was followed last; in [`TAB`], the one that this tab started last.
pub const JOB: &str = "job";
/// The key of the job that painted the same as this one without the layout.
pub fn plain(job: &JobId) -> String {
    format!("plain-{}", job.0)
}
/// Whether the introduction is hidden: [`AWAY`] or [`OPEN`]; unset until the user chooses.
pub const WELCOMED: &str = "welcomed";
/// Hidden.
pub const AWAY: &str = "yes";
/// Shown.
pub const OPEN: &str = "no";

/// A key-value store of strings.
pub struct Store(fn(&Window) -> Result<Option<Storage>, JsValue>);

impl Store {
    fn storage(&self) -> Option<Storage> {
        (self.0)(&web_sys::window()?).ok()?
    }

    /// The text kept under a name.
    pub fn load(&self, name: &str) -> Option<String> {
        self.storage()?.get_item(name).ok()?
    }

    /// The texts kept under names with this prefix, sorted by name.
    pub fn all(&self, prefix: &str) -> Vec<(String, String)> {
        let names = self.storage().map(|storage| js_sys::Object::keys(&storage).sort()).unwrap_or_default();
        let names = names.iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(prefix));
        names.filter_map(|name| self.load(&name).map(|text| (name, text))).collect()
    }

    /// Keeps a text under a name; `false` if the browser refuses (no space, a private window).
    pub fn save(&self, name: &str, text: &str) -> bool {
        self.storage().is_some_and(|storage| storage.set_item(name, text).is_ok())
    }

    /// Forgets what was kept under a name.
    pub fn forget(&self, name: &str) {
        if let Some(storage) = self.storage() {
            let _ = storage.remove_item(name);
        }
    }
}
