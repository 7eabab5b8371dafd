//! Stable Diffusion with modulated attention, from a request to pictures.
//!
//! 1. [`Pipeline::load`] opens a checkpoint: maps its weights, builds the graphs, makes the sessions;
//! 2. `prompt` splits the texts into tokens, binds each region's phrase, encodes;
//! 3. `modulation` makes the arrays that the attention layers take at a step;
//! 4. [`Pipeline::generate`] denoises with a scheduler of [`schedulers`] from the noise of [`noise`];
//! 5. the autoencoder decodes, and the safety checker, if there is one, looks at the picture.
//!
//! `pipeline.rs` shows 2 to 5 on one screen.

mod batching;
mod bound;
mod cuda_options;
mod defaults;
mod device;
mod error;
mod graph_cache;
mod guidance;
mod image_processor;
mod inpainting;
mod input;
mod latents;
mod loaded;
mod max_batch;
mod modulation;
mod network;
pub mod noise;
mod painting;
mod pipeline;
mod preview;
mod prompt;
mod recorder;
mod runtime_error;
mod safety;
pub mod schedulers;
pub mod session;
mod text_encoder;
mod tokenizer;
mod unet;
mod vae;
mod watch;

pub use attention::runtime::report_nothing;
pub use cuda_options::{CudaOptions, UnknownOption};
pub use defaults::defaults;
pub use device::{Choice, Device, DeviceError};
pub use error::{DiffusionError, InpaintError};
pub use export::{Lora, Precision};
pub use inpainting::Canvas;
pub use latents::LatentShape;
pub use loaded::{LoadOptions, Pipeline, name};
pub use painting::{Painting, Picture};
pub use preview::PreviewFactors;
pub use prompt::phrases;
pub use tokenizer::{ClipTokenizer, Sequences, TokenizerError, Tokens};
pub use watch::{CancelToken, Progress};
