//! Activations by name.

/// The activations that Stable Diffusion uses, of diffusers' `get_activation` and transformers' `ACT2FN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x sigmoid(x); also called `swish`.
    Silu,
    /// The exact GELU, which OpenCLIP uses.
    Gelu,
    /// x sigmoid(1.702 x), OpenAI's approximation.
    QuickGelu,
}
