//! Activations by name.

/// The activations that Stable Diffusion uses, of diffusers' `get_activation` and transformers' `ACT2FN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x sigmoid(x); `swish` too.
    Silu,
    /// The exact GELU, in CLIP that of OpenCLIP.
    Gelu,
    /// x sigmoid(1.702 x), OpenAI's approximation.
    QuickGelu,
}
