//! The variables that all Hugging Face libraries read.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hub::{HubConfig, HubError};

fn config(vars: &[(&str, &str)]) -> HubConfig {
    let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value));
    HubConfig::from_vars(var, Some(PathBuf::from("/home/me"))).unwrap()
}

#[test]
fn the_cache_is_looked_up_in_the_order_of_huggingface_hub() {
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], "/home/me/.cache/huggingface/hub"),
        (&[("XDG_CACHE_HOME", "/x")], "/x/huggingface/hub"),
        (&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")], "/h/hub"),
        (&[("HF_HOME", "~/h")], "/home/me/h/hub"),
        (&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")], "/old"),
        (&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/c")], "/c"),
        (&[("HF_HUB_CACHE", "~/c")], "/home/me/c"),
        (&[("HF_HUB_CACHE", ""), ("HF_HOME", "")], "/home/me/.cache/huggingface/hub"),
    ];
    for (vars, expected) in cases {
        assert_eq!(config(vars).cache, Path::new(expected), "{vars:?}");
    }
}

#[test]
fn without_any_home_the_error_names_the_variables() {
    let error = HubConfig::from_vars(|_| None, None).unwrap_err();
    assert!(matches!(error, HubError::NoCache));
    assert!(error.to_string().contains("HF_HUB_CACHE"));
    let one = HubConfig::from_vars(|name| (name == "HF_HUB_CACHE").then(|| "/c".into()), None).unwrap();
    assert_eq!((one.cache.as_path(), one.token), (Path::new("/c"), None));
}

#[test]
fn the_token_comes_from_its_variable_or_from_the_file_of_a_login() {
    let home = tempfile::tempdir().unwrap();
    let home_text = home.path().to_str().unwrap();
    assert_eq!(config(&[("HF_HOME", home_text)]).token, None);
    fs::write(home.path().join("token"), "hf_file\n").unwrap();
    assert_eq!(config(&[("HF_HOME", home_text)]).token.as_deref(), Some("hf_file"));
    assert_eq!(config(&[("HF_HOME", home_text), ("HF_TOKEN", " hf_var\n")]).token.as_deref(), Some("hf_var"));
    let path = home.path().join("elsewhere");
    fs::write(&path, "hf_elsewhere").unwrap();
    let vars = [("HF_HOME", home_text), ("HF_TOKEN_PATH", path.to_str().unwrap())];
    assert_eq!(config(&vars).token.as_deref(), Some("hf_elsewhere"));
}

#[test]
fn endpoint_and_offline_mode_have_their_variables() {
    let plain = config(&[]);
    assert_eq!((plain.endpoint.as_str(), plain.offline), ("https://huggingface.co", false));
    assert_eq!(config(&[("HF_ENDPOINT", "http://mirror:80")]).endpoint, "http://mirror:80");
    for (value, expected) in
        [("1", true), ("True", true), ("ON", true), ("yes", true), ("0", false), ("", false)]
    {
        assert_eq!(config(&[("HF_HUB_OFFLINE", value)]).offline, expected, "{value:?}");
        assert_eq!(config(&[("TRANSFORMERS_OFFLINE", value)]).offline, expected, "{value:?}");
    }
}
