//! Files that the user opens and saves.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, ImageBitmap,
    ImageData, Url,
};

/// A picture's width, height and RGBA.
pub type Pixels = (u32, u32, Vec<u8>);

/// Looks up a browser function by name: some are unstable in web-sys, and none is optional there.
pub(super) fn function(of: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(of, &name.into())?.dyn_into()
}

/// Wraps bytes in a `Blob`.
pub(super) fn blob(bytes: &[u8], kind: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &options)
}

/// Reads the content of a file or of a dropped picture.
///
/// # Errors
/// If the browser cannot read it.
pub async fn read_bytes(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Has the browser save bytes under a file name.
///
/// # Errors
/// If the browser refuses.
pub fn download(name: &str, bytes: &[u8], kind: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(&blob(bytes, kind)?)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url)
}

/// Decodes a picture, if no side is longer than `side` pixels.
///
/// # Errors
/// If it is no picture that the browser can read, or it is too large.
pub async fn decode_picture(bytes: &[u8], side: u32) -> Result<Pixels, String> {
    let unreadable = |_| "this is no picture that the browser can read; use a PNG".to_owned();
    let bitmap = bitmap(bytes).await.map_err(unreadable)?;
    let (width, height) = (bitmap.width(), bitmap.height());
    if width.max(height) > side {
        return Err(format!("{width}x{height} pixels; at most {side} a side, please scale it down"));
    }
    let (_, context) = canvas(width, height).map_err(unreadable)?;
    context.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0).map_err(unreadable)?;
    let data = context.get_image_data(0.0, 0.0, width.into(), height.into()).map_err(unreadable)?;
    Ok((width, height, data.data().0))
}

/// Decodes a picture with its colours as stored in the file, as the server does.
async fn bitmap(bytes: &[u8]) -> Result<ImageBitmap, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let picture = JsValue::from(blob(bytes, "")?);
    let options = JsValue::from(Object::new());
    for option in ["colorSpaceConversion", "premultiplyAlpha"] {
        Reflect::set(&options, &option.into(), &"none".into())?;
    }
    let decode = function(&window, "createImageBitmap")?;
    let decoded: Promise = decode.call2(&window, &picture, &options)?.unchecked_into();
    Ok(JsFuture::from(decoded).await?.into())
}

/// Encodes RGBA as PNG.
///
/// # Errors
/// If the browser refuses.
pub async fn encode_picture(pixels: &Pixels) -> Result<Vec<u8>, JsValue> {
    let (width, height, rgba) = pixels;
    let (canvas, context) = canvas(*width, *height)?;
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), *width, *height)?;
    context.put_image_data(&data, 0.0, 0.0)?;
    let mut begun = Ok(());
    let encoded = Promise::new(&mut |done, _| begun = canvas.to_blob(&done));
    begun?;
    // `to_blob` gives `null` if it cannot encode.
    read_bytes(&JsFuture::from(encoded).await?.dyn_into()?).await
}

/// Resizes a canvas and draws RGBA pixels on it.
pub fn paint(canvas: &HtmlCanvasElement, width: u32, height: u32, rgba: &[u8]) {
    canvas.set_width(width);
    canvas.set_height(height);
    let paint = || -> Result<(), JsValue> {
        let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
        let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height)?;
        context.put_image_data(&data, 0.0, 0.0)
    };
    // If the browser has no canvas, the stage has reported it.
    let _ = paint();
}

/// An off-screen canvas.
fn canvas(width: u32, height: u32) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    Ok((canvas, context))
}
