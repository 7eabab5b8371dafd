//! The recorded tables and their tolerances.
#![allow(dead_code, reason = "each test file uses a part")]

#[path = "../../../../fixtures/tolerance.rs"]
mod tolerance;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

#[allow(unused_imports, reason = "each test file uses a part")]
pub use tolerance::tolerance;

/// A file below `fixtures/`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

/// A JSON file below `fixtures/`.
pub fn json(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(path)).unwrap()).unwrap()
}

/// Recorded tensors by name, little-endian as stored.
pub struct Recorded(HashMap<String, (Dtype, Vec<u8>)>);

impl Recorded {
    /// Reads `fixtures/reference/{name}`.
    pub fn open(name: &str) -> Self {
        let file = std::fs::read(fixture("reference").join(name)).unwrap();
        let tensors = SafeTensors::deserialize(&file).unwrap();
        Self(tensors.iter().map(|(name, view)| (name.into(), (view.dtype(), view.data().into()))).collect())
    }

    /// An f32 tensor's values.
    pub fn f32(&self, name: &str) -> Vec<f32> {
        self.values::<4>(name, Dtype::F32).map(f32::from_le_bytes).collect()
    }

    /// An f64 tensor's values.
    pub fn f64(&self, name: &str) -> Vec<f64> {
        self.values::<8>(name, Dtype::F64).map(f64::from_le_bytes).collect()
    }

    fn values<const N: usize>(&self, name: &str, dtype: Dtype) -> impl Iterator<Item = [u8; N]> {
        let (stored, bytes) = self.0.get(name).unwrap_or_else(|| panic!("no tensor {name}"));
        assert_eq!(*stored, dtype, "{name}");
        bytes.as_chunks::<N>().0.iter().copied()
    }
}

/// Asserts that no value is further from the recorded one than `allowed`.
#[track_caller]
pub fn assert_close(what: &str, ours: &[f32], recorded: &[f32], allowed: f64) {
    assert_eq!(ours.len(), recorded.len(), "{what}: length");
    for (i, (a, b)) in ours.iter().zip(recorded).enumerate() {
        let difference = (f64::from(*a) - f64::from(*b)).abs();
        assert!(difference <= allowed, "{what}[{i}]: {a}, recorded {b}, {difference:e} apart");
    }
}
