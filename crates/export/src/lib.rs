//! Stable Diffusion checkpoints in the diffusers layout as ONNX graphs with ModulatedAttention in every layer
