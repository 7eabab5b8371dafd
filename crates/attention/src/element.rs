//! The element types that the operator accepts.

use half::{bf16, f16};
use ort::value::PrimitiveTensorElementType;

/// An element type of the operator: f32, f16 or bf16. All arithmetic is done in f32.
pub trait Element: PrimitiveTensorElementType + Copy + Send + Sync + 'static {
    /// The value in f32, exactly.
    fn to_f32(self) -> f32;

    /// The nearest value of this type.
    fn from_f32(value: f32) -> Self;
}

impl Element for f32 {
    fn to_f32(self) -> f32 {
        self
    }

    fn from_f32(value: f32) -> Self {
        value
    }
}

impl Element for f16 {
    fn to_f32(self) -> f32 {
        f16::to_f32(self)
    }

    fn from_f32(value: f32) -> Self {
        f16::from_f32(value)
    }
}

impl Element for bf16 {
    fn to_f32(self) -> f32 {
        bf16::to_f32(self)
    }

    fn from_f32(value: f32) -> Self {
        bf16::from_f32(value)
    }
}
