//! What this browser keeps: a few million characters for the whole site.

use api::JobId;
use wasm_bindgen::JsValue;
use web_sys::{Storage, Window};

/// What all tabs share and the next visit finds.
pub const BROWSER: Store = Store(Window::local_storage);
/// What a tab has for itself, over reloads too. The copy of a tab begins with a copy.
pub const TAB: Store = Store(Window::session_storage);

/// The document that is being drawn, as a project file; of the browser, before the time at which a drawing was kept.
pub const DOCUMENT: &str = "document";
/// A document that the studio opens next, as a project file.
pub const COPY: &str = "copy";
/// The job that was followed last; of a tab, the one that it began last.
pub const JOB: &str = "job";
/// The job that painted the same as this one without the layout.
pub fn plain(job: &JobId) -> String {
    format!("plain-{}", job.0)
}
/// Whether the introduction is put away: [`AWAY`] or [`OPEN`]; nothing as long as neither was wanted.
pub const WELCOMED: &str = "welcomed";
/// It is.
pub const AWAY: &str = "yes";
/// It is not.
pub const OPEN: &str = "no";

/// A place where texts are kept under names.
pub struct Store(fn(&Window) -> Result<Option<Storage>, JsValue>);

impl Store {
    fn storage(&self) -> Option<Storage> {
        (self.0)(&web_sys::window()?).ok()?
    }

    /// What was kept under a name.
    pub fn load(&self, name: &str) -> Option<String> {
        self.storage()?.get_item(name).ok()?
    }

    /// What was kept under names that begin like this, by name.
    pub fn all(&self, prefix: &str) -> Vec<(String, String)> {
        let names = self.storage().map(|storage| js_sys::Object::keys(&storage).sort()).unwrap_or_default();
        let names = names.iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(prefix));
        names.filter_map(|name| self.load(&name).map(|text| (name, text))).collect()
    }

    /// Keeps a text under a name; `false` if the browser refuses (no room, a private window).
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
