//! Pictures on the clipboard.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::files::blob;

/// Puts a text on the clipboard.
///
/// # Errors
/// If the browser has no clipboard, as where the page came by plain http, or does not allow it.
pub async fn copy_text(text: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
    let done = write.call1(&clipboard, &text.into())?;
    JsFuture::from(Promise::from(done)).await.map(drop)
}

/// Puts a PNG on the clipboard.
///
/// # Errors
/// If the browser has no clipboard for pictures or does not allow it.
pub async fn copy_picture(png: &[u8]) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    // Called by name: web-sys counts these as not yet settled.
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    let item: Function = Reflect::get(&window, &"ClipboardItem".into())?.dyn_into()?;
    let content = Object::new();
    let picture: Blob = blob(png, "image/png")?;
    Reflect::set(&content, &"image/png".into(), &picture)?;
    let item = Reflect::construct(&item, &Array::of1(&content))?;
    let done = write.call1(&clipboard, &Array::of1(&item))?;
    JsFuture::from(Promise::from(done)).await.map(drop)
}
