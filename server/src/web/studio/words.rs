//! Phrases a model is known to paint: `words.json` in its folder, a list suggested in the regions' fields.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

/// Maximum bytes read of the file; every page includes them.
const LONGEST: u64 = 64 << 10;

/// Reads the phrases of the model in `folder`; none if the file is missing, as for most models, or invalid.
pub fn read(folder: &Path) -> Arc<[String]> {
    let path = folder.join("words.json");
    let Ok(file) = File::open(&path) else { return Arc::default() };
    let mut text = String::new();
    let read = file.take(LONGEST).read_to_string(&mut text).context("cannot be read");
    let words =
        read.and_then(|_| serde_json::from_str(&text).context("is no list of phrases of 64 KiB at most"));
    words.unwrap_or_else(|error| {
        tracing::warn!("{}: {error:#}", path.display());
        Arc::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_of_phrases_suggests_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).is_empty());
        let kept = |text: &str| {
            std::fs::write(folder.path().join("words.json"), text).unwrap();
            read(folder.path()).to_vec()
        };
        assert_eq!(kept(r#"["a dog", "the beach"]"#), ["a dog", "the beach"]);
        assert!(kept(r#"{"a": "dog"}"#).is_empty());
        assert!(kept(&format!("[{}]", vec!["\"a dog\""; 10_000].join(","))).is_empty());
    }
}
