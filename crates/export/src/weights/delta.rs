//! What changes a weight.

use super::Weight;

/// What a LoRA does to one weight of \[outputs, ...\]: `scale * up down`.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// What the file calls it.
    pub module: String,
    /// \[outputs, r\].
    pub up: Weight,
    /// \[r, ...\], the rest as of the weight.
    pub down: Weight,
    /// The weight is \[inputs, outputs\], as OpenCLIP's projection.
    pub transposed: bool,
    pub scale: f32,
}
