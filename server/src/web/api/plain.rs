//! Plain wording of serde's errors.

/// Rewords serde's error for unexpected JSON without Rust's type names.
pub fn plain(message: &str) -> String {
    const EXPECTED: &str = "expected ";
    // What the client wrote comes before.
    let Some(at) = message.rfind(EXPECTED) else { return message.to_owned() };
    let (before, wanted) = message.split_at(at + EXPECTED.len());
    let (wanted, place) = wanted.find(" at line ").map_or((wanted, ""), |at| wanted.split_at(at));
    let kind = wanted.split(' ').next().unwrap_or_default();
    let wanted = match (wanted, kind) {
        (_, "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize") => {
            "a whole number"
        }
        (_, "f32" | "f64") => "a number",
        ("a sequence", _) => "a list",
        ("a map", _) | (_, "struct") => "an object",
        _ => wanted,
    };
    format!("{before}{wanted}{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_json_is_told_without_rusts_names() {
        let told = |json: &str| {
            let read = serde_json::from_str::<request::GenerationRequest>(json);
            plain(&read.unwrap_err().to_string())
        };
        for (json, wanted) in [
            ("[]", "expected an object"),
            (r#"{"steps": "expected i64"}"#, "expected a whole number at line 1 column"),
            (r#"{"eta": []}"#, "expected a number at"),
            (r#"{"regions": 1}"#, "expected a list at"),
            (r#"{"regions": [{"text": 1}]}"#, "expected a string at"),
        ] {
            assert!(told(json).contains(wanted), "{json}: {}", told(json));
        }
        assert!(told(r#"{"stepz": 1}"#).contains("stepz"));
    }
}
