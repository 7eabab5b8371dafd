//! Changes to a weight.

use super::Weight;

/// A LoRA's change to one weight of \[outputs, ...\]: `scale * up down`.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// The module's name in the file.
    pub module: String,
    /// \[outputs, r\].
    pub up: Weight,
    /// \[r, ...\], the rest as in the weight.
    pub down: Weight,
    /// Whether the weight is \[inputs, outputs\], as OpenCLIP's projection is.
    pub transposed: bool,
    pub scale: f32,
}
