//! One tensor of a mapped file.

use std::ops::Range;
use std::sync::Arc;

use half::{bf16, f16};
use safetensors::Dtype;

use super::WeightFile;

/// A tensor's position in the file, type and shape.
#[derive(Clone, Debug)]
pub struct Entry {
    pub file: Arc<WeightFile>,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub range: Range<usize>,
}

impl Entry {
    /// Returns one of equal parts along the first axis; if that fails the shape stays, and fits no model.
    pub fn part(&self, part: usize, parts: usize) -> Self {
        let mut shape = self.shape.clone();
        if let Some(rows) = shape.first_mut().filter(|rows| rows.is_multiple_of(parts)) {
            *rows /= parts;
        }
        let length = self.range.len() / parts;
        let start = self.range.start + part * length;
        Self { file: self.file.clone(), dtype: self.dtype, shape, range: start..start + length }
    }

    /// Whether no element has all exponent bits set.
    pub fn is_finite(&self) -> bool {
        let bytes = &self.file.map[self.range.clone()];
        let halves = |exponent: u16| {
            !bytes.chunks_exact(2).any(|b| u16::from_le_bytes([b[0], b[1]]) & exponent == exponent)
        };
        match self.dtype {
            Dtype::F32 => {
                bytes.chunks_exact(4).all(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_finite())
            }
            Dtype::F16 => halves(0x7c00),
            Dtype::BF16 => halves(0x7f80),
            _ => true,
        }
    }

    /// Its value, if it is a single number of any type.
    pub fn number(&self) -> Option<f64> {
        match (self.dtype, &self.file.map[self.range.clone()]) {
            (Dtype::F64, &[a, b, c, d, e, f, g, h]) => Some(f64::from_le_bytes([a, b, c, d, e, f, g, h])),
            (Dtype::I64, &[a, b, c, d, e, f, g, h]) => {
                Some(i64::from_le_bytes([a, b, c, d, e, f, g, h]) as f64)
            }
            (Dtype::F32, &[a, b, c, d]) => Some(f32::from_le_bytes([a, b, c, d]).into()),
            (Dtype::I32, &[a, b, c, d]) => Some(i32::from_le_bytes([a, b, c, d]).into()),
            (Dtype::F16, &[a, b]) => Some(f16::from_le_bytes([a, b]).into()),
            (Dtype::BF16, &[a, b]) => Some(bf16::from_le_bytes([a, b]).into()),
            _ => None,
        }
    }
}
