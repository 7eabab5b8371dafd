//! The recorded tables and their tolerances.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// A file below `fixtures/`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

/// A number of `fixtures/tolerances.json` by JSON pointer.
pub fn tolerance(pointer: &str) -> f64 {
    json("tolerances.json").pointer(pointer).and_then(Value::as_f64).expect(pointer)
}

/// A JSON file below `fixtures/`.
pub fn json(path: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(path)).unwrap()).unwrap()
}

/// Recorded tensors.
pub struct Recorded(Vec<u8>);

impl Recorded {
    /// Reads `fixtures/reference/{name}`.
    pub fn open(name: &str) -> Self {
        Self(std::fs::read(fixture("reference").join(name)).unwrap())
    }

    /// The names of the tensors.
    pub fn names(&self) -> Vec<String> {
        SafeTensors::deserialize(&self.0).unwrap().names().into_iter().map(str::to_owned).collect()
    }

    /// An f32 tensor's values.
    pub fn f32(&self, name: &str) -> Vec<f32> {
        self.bytes::<4>(name, Dtype::F32).into_iter().map(f32::from_le_bytes).collect()
    }

    /// An f64 tensor's values.
    pub fn f64(&self, name: &str) -> Vec<f64> {
        self.bytes::<8>(name, Dtype::F64).into_iter().map(f64::from_le_bytes).collect()
    }

    fn bytes<const N: usize>(&self, name: &str, dtype: Dtype) -> Vec<[u8; N]> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = tensors.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(tensor.dtype(), dtype, "{name}");
        tensor.data().chunks_exact(N).map(|bytes| bytes.try_into().unwrap()).collect()
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
