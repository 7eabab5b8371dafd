//! The pipeline: tokenise, encode, modulate and denoise, decode
