//! The three networks of a checkpoint as sessions that any number of requests share.

use std::borrow::Cow;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use export::Checkpoint;
use lru::LruCache;
use ort::session::{Session, SessionInputValue};
use ort::value::{PrimitiveTensorElementType, TensorRef};

use crate::error::{DiffusionError, one_line};
use crate::modulation::StepModulation;
use crate::watch::LatentShape;

/// One network. A run takes the session for its own time only, so that requests take turns step by step.
#[derive(Debug)]
struct Network {
    name: &'static str,
    session: Mutex<Session>,
    checkpoint: Arc<Checkpoint>,
}

type Input<'a> = (Cow<'a, str>, SessionInputValue<'a>);

impl Network {
    fn new(name: &'static str, session: Session, checkpoint: &Arc<Checkpoint>) -> Self {
        Self { name, session: Mutex::new(session), checkpoint: Arc::clone(checkpoint) }
    }

    /// Runs the network and returns its first output. Values that are not finite are an error: they mean damaged
    /// weights, and would only become a black picture later.
    fn run(&self, inputs: Vec<Input<'_>>) -> Result<Vec<f32>, DiffusionError> {
        let failed =
            |error: ort::Error| DiffusionError::Network { network: self.name, message: one_line(&error) };
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(inputs).map_err(failed)?;
        let (_, values) = outputs[0].try_extract_tensor::<f32>().map_err(failed)?;
        if values.iter().all(|value| value.is_finite()) {
            return Ok(values.to_vec());
        }
        // Weights are too many to be looked through at every start; now it is worth the time to name the damaged one.
        self.checkpoint.check_finite()?;
        Err(DiffusionError::NotFinite { network: self.name })
    }
}

fn tensor<'a, T, const N: usize>(
    name: impl Into<Cow<'a, str>>,
    shape: [usize; N],
    values: &'a [T],
) -> Result<Input<'a>, DiffusionError>
where
    T: PrimitiveTensorElementType + Clone + std::fmt::Debug + 'static,
{
    let tensor = TensorRef::from_array_view((shape, values))?;
    Ok((name.into(), tensor.into()))
}

/// Texts whose embeddings are remembered: 64 of Stable Diffusion's are 15 MB.
const REMEMBERED: NonZero<usize> = NonZero::new(64).expect("64 is not 0");

/// CLIP's text encoder. It remembers what it encoded last, so that trying other seeds, layouts or strengths costs no encoding.
#[derive(Debug)]
pub(crate) struct TextEncoder {
    network: Network,
    remembered: Mutex<LruCache<Vec<i64>, Arc<[f32]>>>,
}

impl TextEncoder {
    pub fn new(session: Session, checkpoint: &Arc<Checkpoint>) -> Self {
        let network = Network::new("text encoder", session, checkpoint);
        Self { network, remembered: Mutex::new(LruCache::new(REMEMBERED)) }
    }

    /// `input_ids` of one text, padded -> `last_hidden_state` `[length, width]`. Each text is encoded by itself: in a batch the
    /// last bits would depend on its neighbours, and a picture on what was remembered.
    pub fn encode(&self, input_ids: Vec<i64>) -> Result<Arc<[f32]>, DiffusionError> {
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(encoded) = remembered().get(&input_ids) {
            return Ok(Arc::clone(encoded));
        }
        let input = tensor("input_ids", [1, input_ids.len()], &input_ids)?;
        let encoded: Arc<[f32]> = self.network.run(vec![input])?.into();
        remembered().put(input_ids, Arc::clone(&encoded));
        Ok(encoded)
    }
}

/// The denoiser, with the modulation's inputs.
#[derive(Debug)]
pub(crate) struct UNet(Network);

impl UNet {
    pub fn new(session: Session, checkpoint: &Arc<Checkpoint>) -> Self {
        Self(Network::new("UNet", session, checkpoint))
    }

    /// Latents of `shape` at a timestep -> the model's output, of the same shape.
    /// `embeddings` is `[shape.samples, tokens, width]`.
    pub fn predict(
        &self,
        latents: &[f32],
        shape: LatentShape,
        timestep: f32,
        embeddings: &[f32],
        modulation: &StepModulation<'_>,
    ) -> Result<Vec<f32>, DiffusionError> {
        let LatentShape { samples, channels, height, width } = shape;
        let tokens = modulation.token_regions.len();
        let timestep = [timestep];
        let modulate = [modulation.active];
        let mut inputs = vec![
            tensor("sample", [samples, channels, height, width], latents)?,
            tensor("timestep", [1], &timestep)?,
            tensor(
                "encoder_hidden_states",
                [samples, tokens, embeddings.len() / (samples * tokens)],
                embeddings,
            )?,
            tensor("modulate", [], &modulate)?,
            tensor("token_regions", [1, tokens], modulation.token_regions)?,
        ];
        for level in &modulation.levels {
            let (index, cells) = (level.index, level.pixel_regions.len());
            inputs.push(tensor(format!("pixel_regions_{index}"), [1, cells], level.pixel_regions)?);
            inputs.push(tensor(format!("self_strength_{index}"), [samples, cells], &level.self_strength)?);
            inputs.push(tensor(format!("cross_strength_{index}"), [samples, cells], &level.cross_strength)?);
        }
        self.0.run(inputs)
    }
}

/// The autoencoder's decoder.
#[derive(Debug)]
pub(crate) struct VaeDecoder(Network);

impl VaeDecoder {
    pub fn new(session: Session, checkpoint: &Arc<Checkpoint>) -> Self {
        Self(Network::new("VAE decoder", session, checkpoint))
    }

    /// Latents of one sample, already in the autoencoder's own scale -> RGB planes in about -1..1, `[3, 8 H, 8 W]`.
    pub fn decode(&self, latents: &[f32], shape: LatentShape) -> Result<Vec<f32>, DiffusionError> {
        self.0.run(vec![tensor("latent_sample", [1, shape.channels, shape.height, shape.width], latents)?])
    }
}
