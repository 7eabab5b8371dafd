//! Texts and pictures on the clipboard.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::files::{blob, function};

/// Puts a text on the clipboard.
///
/// # Errors
/// If the browser has no clipboard, as on pages served over plain HTTP, or does not allow it.
pub async fn copy_text(text: &str) -> Result<(), JsValue> {
    write("writeText", &text.into()).await
}

/// Puts a PNG on the clipboard.
///
/// # Errors
/// If the browser has no clipboard for pictures or does not allow it.
pub async fn copy_picture(png: &[u8]) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let item = function(&window, "ClipboardItem")?;
    let content = Object::new();
    let picture: Blob = blob(png, "image/png")?;
    Reflect::set(&content, &"image/png".into(), &picture)?;
    let item = Reflect::construct(&item, &Array::of1(&content))?;
    write("write", &Array::of1(&item)).await
}

/// Calls a method of the clipboard.
async fn write(method: &str, what: &JsValue) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into())?;
    let done = function(&clipboard, method)?.call1(&clipboard, what)?;
    JsFuture::from(Promise::from(done)).await.map(drop)
}
