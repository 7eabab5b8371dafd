//! Everything that can go wrong in a generation.

use crate::runtime_error::{is_of_memory, one_line};

/// Why a pipeline could not be loaded or a picture not painted. Each message is one line: what is wrong,
/// where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DiffusionError {
    /// The checkpoint, or one of our own files in its folder, cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] export::ExportError),
    /// The checkpoint's safety checker cannot be used.
    #[error("{0}; --safety-checker off does without it")]
    SafetyChecker(Box<Self>),
    /// The tokenizer cannot be used, or refused a text.
    #[error(transparent)]
    Tokenizer(#[from] crate::tokenizer::TokenizerError),
    /// The scheduler's configuration cannot be used.
    #[error(transparent)]
    Scheduler(#[from] crate::schedulers::SchedulerError),
    /// The device cannot be used.
    #[error(transparent)]
    Device(#[from] crate::device::DeviceError),
    /// Phrases are missing in the full text, or stand past its end.
    #[error(transparent)]
    Phrases(#[from] layout::BindError),
    /// The layout cannot be scaled to the UNet's resolutions.
    #[error(transparent)]
    Layout(#[from] layout::LayoutError),
    /// The picture to repaint is missing or does not fit.
    #[error(transparent)]
    Inpaint(#[from] InpaintError),
    /// ONNX Runtime is missing, or rejected a graph.
    #[error(transparent)]
    Session(#[from] crate::session::SessionError),
    /// A size that is not a whole number of latent cells.
    #[error("{width}x{height} pixels: this checkpoint paints sizes whose sides are multiples of {scale}")]
    Size {
        /// Width asked for, in pixels.
        width: usize,
        /// Height asked for, in pixels.
        height: usize,
        /// Pixels per latent cell along a side.
        scale: usize,
    },
    /// A network failed while it ran.
    #[error("the {network} failed: {message}")]
    Network {
        /// Which of them.
        network: &'static str,
        /// ONNX Runtime's message.
        message: String,
    },
    /// The GPU or the machine is out of memory.
    #[error(
        "there is too little memory left for the {network}: smaller pictures and fewer samples need less"
    )]
    Memory {
        /// Which of them.
        network: &'static str,
    },
    /// A network returned NaN or infinity.
    #[error(
        "the {network} returned values that are not finite: its weights are finite, so its precision is too low for them (--precision f32 is higher than f16, which is the default on CUDA), or a LoRA changes them by too much"
    )]
    NotFinite {
        /// Which of them.
        network: &'static str,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Why a picture cannot be repainted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InpaintError {
    /// No picture was given.
    #[error("the picture that is to be painted on is missing")]
    Missing,
    /// Its size is not that of the new picture.
    #[error(
        "the picture that is to be painted on has {0}x{1} pixels, the new one {2}x{3}: both must be equal"
    )]
    Size(u32, u32, u32, u32),
    /// The regions to repaint cover no latent cell.
    #[error(
        "what is to be painted anew is not drawn, or too thin for this size of the picture: draw it larger"
    )]
    Nothing,
}

impl DiffusionError {
    /// Converts the error that ended a run of `network`.
    pub(crate) fn of_run(network: &'static str, error: &ort::Error) -> Self {
        let message = one_line(error);
        if is_of_memory(&message) {
            tracing::warn!("the {network}: {message}");
            return Self::Memory { network };
        }
        Self::Network { network, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arena_that_may_have_no_more_is_a_full_memory() {
        // ONNX Runtime creates its own errors, so it must be loaded.
        attention::runtime::environment().expect("ONNX Runtime");
        // ONNX Runtime 1.31's message where an arena reaches its limit (`gpu_mem_limit` on CUDA).
        let said = "Non-zero status code returned while running Conv node. Name:'conv_in' Status Message: bfc_arena.cc:360 void* \
                    onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Available memory of 11534336 \
                    is smaller than requested bytes of 67108864";
        let error = DiffusionError::of_run("UNet", &ort::Error::new(said));
        assert!(matches!(error, DiffusionError::Memory { network: "UNet" }), "{error}");
        let other = DiffusionError::of_run("UNet", &ort::Error::new("an input has another shape"));
        assert!(matches!(other, DiffusionError::Network { .. }), "{other}");
    }
}
