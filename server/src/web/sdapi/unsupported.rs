//! Web UI features that this server lacks: refused, unless the value is neutral.

use api::Failure;
use serde_json::{Map, Value};

use super::WebState;
use crate::web::api::{ApiError, loaded};

/// Fields that change the web UI's pictures. Other unread fields change nothing there either, such as
/// `hr_scale` without `enable_hr` or `s_noise` without `s_churn` with our samplers.
const FIELDS: [&str; 14] = [
    "enable_hr",
    "firstphase_height",
    "firstphase_width",
    "infotext",
    "refiner_checkpoint",
    "restore_faces",
    "s_churn",
    "s_min_uncond",
    "script_name",
    "seed_resize_from_h",
    "seed_resize_from_w",
    "styles",
    "subseed_strength",
    "tiling",
];

const OVERRIDES: &str = "override_settings";

/// The setting that names the model, checked by [`refuse_other_model`].
const CHECKPOINT: &str = "sd_model_checkpoint";

/// Settings with the value that holds here anyway, or that does not affect the picture.
const SETTINGS: [(&str, &str); 7] = [
    ("CLIP_stop_at_last_layers", "1"),
    ("enable_pnginfo", "true"),
    ("grid_save", "true"),
    ("randn_source", "CPU"),
    ("samples_format", "png"),
    ("samples_save", "true"),
    ("sd_vae", "Automatic"),
];

const REFUSAL: &str = "asks for what this server does not do";

const EMPHASIS: &str =
    "has emphasis in brackets, (…) or […], which is not there; write \\( and \\) for brackets";

/// Unescapes a text, in which literal brackets are written as `\(`; refuses LoRAs and emphasis.
///
/// # Errors
/// The unsupported feature.
pub fn plain_text(field: &str, text: &str) -> Result<String, Failure> {
    if text.contains("<lora:") {
        let what = "asks for a LoRA by <lora:…>, which is not chosen by a text here: whoever runs the server does by --lora";
        return Err(Failure::field(field, what));
    }
    let (mut meant, mut letters) = (String::new(), text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => meant.extend(letters.next_if(|next| "()[]\\".contains(*next)).or(Some(letter))),
            '(' | ')' | '[' | ']' => return Err(Failure::field(field, EMPHASIS)),
            _ => meant.push(letter),
        }
    }
    Ok(meant)
}

/// Applies [`plain_text`] to all texts in our script's arguments.
///
/// # Errors
/// The unsupported feature of the first such text.
pub fn plain_texts(mut script: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let plain = |field: &str, text: Option<&mut Value>| -> Result<(), Failure> {
        if let Some(Value::String(text)) = text {
            *text = plain_text(field, text)?;
        }
        Ok(())
    };
    plain("prompt", script.get_mut("prompt"))?;
    plain("negative_prompt", script.get_mut("negative_prompt"))?;
    let regions = script.get_mut("regions").and_then(Value::as_array_mut);
    for (n, region) in regions.into_iter().flatten().enumerate() {
        plain(&format!("regions[{n}].text"), region.get_mut("text"))?;
    }
    Ok(script)
}

/// Refuses a request for unsupported features.
///
/// # Errors
/// All such fields, and the first such setting.
pub fn refuse(request: &Map<String, Value>) -> Result<(), Failure> {
    let asks = |field: &str| request.get(field).is_some_and(|value| !is_nothing(value));
    let fields = FIELDS.into_iter().filter(|field| asks(field)).map(str::to_owned);
    let setting = match overrides(request) {
        Some(settings) => first_other(settings).map(|name| format!("{OVERRIDES}.{name}")),
        None => asks(OVERRIDES).then(|| OVERRIDES.to_owned()),
    };
    Failure::refuse(fields.chain(setting).map(|field| (field, REFUSAL.to_owned())).collect())
}

/// Refuses settings for unsupported features.
///
/// # Errors
/// The first such setting.
pub fn refuse_settings(settings: &Map<String, Value>) -> Result<(), Failure> {
    first_other(settings).map_or(Ok(()), |name| Err(Failure::field(name, REFUSAL)))
}

/// Refuses settings that name another model than the loaded one; `place` prefixes the field name.
///
/// # Errors
/// Such a name; any, if no model is loaded.
pub fn refuse_other_model(
    state: &WebState,
    settings: &Map<String, Value>,
    place: &str,
) -> Result<(), ApiError> {
    let wanted = settings.get(CHECKPOINT).and_then(Value::as_str).filter(|name| !name.is_empty());
    let Some(wanted) = wanted else { return Ok(()) };
    let model = loaded(state)?;
    if wanted == model.name {
        return Ok(());
    }
    let what = format!("is {wanted}; this server has {}", model.name);
    Err(Failure::field(format!("{place}{CHECKPOINT}"), what).into())
}

/// The settings that a request overrides.
pub fn overrides(request: &Map<String, Value>) -> Option<&Map<String, Value>> {
    request.get(OVERRIDES)?.as_object()
}

/// The first unsupported setting; there may be a million.
fn first_other(settings: &Map<String, Value>) -> Option<&str> {
    let other = settings.iter().find(|(name, value)| !is_nothing(value) && !is_done(name, value));
    other.map(|(name, _)| name.as_str())
}

/// Is the value neutral for its field? Sizes and seeds of -1 are too.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_f64().is_some_and(|number| number <= 0.0),
        Value::String(name) => name.is_empty() || name.eq_ignore_ascii_case("none"),
        Value::Array(values) => values.iter().all(is_nothing),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn is_done(name: &str, value: &Value) -> bool {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is_same = |(setting, done): &(&str, &str)| *setting == name && text.eq_ignore_ascii_case(done);
    (name == CHECKPOINT && value.is_string()) || SETTINGS.iter().any(is_same)
}

#[cfg(test)]
mod tests {
    use request::a1111_text;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_told_in_the_web_uis_words_is_understood_as_it_was_meant() {
        for text in ["a (dry) desert", r"a \ b [c] \(d\)", r"\\", "plain", "((", ""] {
            assert_eq!(plain_text("prompt", &a1111_text(text)).ok().as_deref(), Some(text));
        }
    }

    #[test]
    fn texts_of_the_script_are_the_web_uis_too() {
        let script = |text: &str| json!({ "prompt": text, "regions": [{}, { "text": text }], "w_self": 0.3 });
        let texts = |script: Value| plain_texts(script.as_object().unwrap().clone());
        assert_eq!(Value::Object(texts(script(r"a \(dry\) dog")).unwrap()), script("a (dry) dog"));
        let emphasis = json!({ "regions": [{ "text": "a dog" }, { "text": "(a dog:1.3)" }] });
        assert_eq!(texts(emphasis).unwrap_err().fields[0].0, "regions[1].text");
    }
}
