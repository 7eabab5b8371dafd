//! What the tests share: fixtures, tolerances, and a session on an exported file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test program uses a part")]

#[path = "../../../../fixtures/copies.rs"]
pub mod copies;
pub mod folder;
pub mod spelled_out;
#[path = "../../../../fixtures/tolerance.rs"]
mod tolerances;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use ort::session::builder::SessionBuilder;
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, TensorRef};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

pub fn checkpoint(name: &str) -> PathBuf {
    fixtures().join("checkpoints").join(name)
}

/// The largest difference allowed between `part` here and in torch.
pub fn tolerance(part: &str) -> f32 {
    tolerances::tolerance(&format!("/{part}")) as f32
}

/// Recorded tensors.
pub struct Reference {
    bytes: Vec<u8>,
}

impl Reference {
    pub fn read(run: &str) -> Self {
        let path = fixtures().join("reference").join(run).join("reference.safetensors");
        Self { bytes: std::fs::read(path).unwrap() }
    }

    fn tensors(&self) -> SafeTensors<'_> {
        SafeTensors::deserialize(&self.bytes).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        self.tensors().names().into_iter().map(str::to_owned).collect()
    }

    fn elements<const N: usize, T>(&self, name: &str, from: fn([u8; N]) -> T) -> (Vec<usize>, Vec<T>) {
        let tensors = self.tensors();
        let tensor = tensors.tensor(name).unwrap_or_else(|_| panic!("{name} is recorded"));
        let values = tensor.data().chunks_exact(N).map(|bytes| from(bytes.try_into().unwrap())).collect();
        (tensor.shape().to_vec(), values)
    }

    pub fn f32s(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        self.elements(name, f32::from_le_bytes)
    }

    pub fn u8s(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        self.elements(name, u8::from_le_bytes)
    }

    pub fn i32s(&self, name: &str) -> (Vec<usize>, Vec<i32>) {
        self.elements(name, i32::from_le_bytes)
    }

    pub fn i64s(&self, name: &str) -> (Vec<usize>, Vec<i64>) {
        self.elements(name, i64::from_le_bytes)
    }
}

pub type Input<'a> = (Cow<'a, str>, SessionInputValue<'a>);

pub fn input<'a, T>(name: impl Into<Cow<'a, str>>, shape: &[usize], values: &'a [T]) -> Input<'a>
where
    T: ort::value::PrimitiveTensorElementType + Clone + std::fmt::Debug + 'static,
{
    (name.into(), TensorRef::from_array_view((shape.to_vec(), values)).unwrap().into())
}

/// Numbers up to 1 / 18, which is about 1 / sqrt(320), the same each time.
pub fn numbers(seed: usize, count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1000.0 - 1.0).map(|x| x / 18.0).collect()
}

/// Weights of such numbers, as `model.safetensors`.
pub fn write_weights(folder: &Path, shapes: &[(&str, &[usize])]) {
    let bytes = |(seed, (_, shape)): (usize, &(&str, &[usize]))| -> Vec<u8> {
        numbers(seed, shape.iter().product()).into_iter().flat_map(f32::to_le_bytes).collect()
    };
    let bytes: Vec<_> = shapes.iter().enumerate().map(bytes).collect();
    let views = shapes
        .iter()
        .zip(&bytes)
        .map(|((name, shape), bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, &folder.join("model.safetensors")).unwrap();
}

/// A session with this project's kernel on a model file.
pub fn session(model: &Path) -> Session {
    builder().commit_from_file(model).unwrap()
}

/// Of sessions on the CPU with this project's kernel.
fn builder() -> SessionBuilder {
    let environment = attention::runtime::environment().unwrap();
    let builder = Session::builder(&environment).unwrap();
    builder.with_operators(attention::operator_domain().unwrap()).unwrap()
}

pub fn run(session: &mut Session, inputs: Vec<Input>) -> (Vec<usize>, Vec<f32>) {
    let outputs = session.run(inputs).unwrap();
    extracted(&outputs[0])
}

pub fn extracted(value: &DynValue) -> (Vec<usize>, Vec<f32>) {
    let (shape, values) = value.try_extract_tensor::<f32>().unwrap();
    (shape.iter().map(|&d| d as usize).collect(), values.to_vec())
}

/// Holds two tensors against each other, after scaling by nothing: the tolerance is absolute.
pub fn assert_close(
    what: &str,
    found: &(Vec<usize>, Vec<f32>),
    expected: &(Vec<usize>, Vec<f32>),
    tolerance: f32,
) {
    assert_eq!(found.0, expected.0, "{what}: shape");
    let difference = found.1.iter().zip(&expected.1).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("{what}: off by {difference:.1e}");
    assert!(difference <= tolerance, "{what}: off by {difference}, {tolerance} is allowed");
    assert!(found.1.iter().all(|value| value.is_finite()), "{what}: not finite");
}
