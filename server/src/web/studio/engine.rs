//! The model: loaded in the background, then used for painting and tokenizing.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use diffusion::{CancelToken, DiffusionError, LoadOptions, Pipeline};
use request::{GenerationRequest, limits};
use tokio::sync::watch;

use super::painter::{PaintError, Painter, Step, Watcher};
use crate::original::{self, Original};
use crate::{one_line, picture, prepare};

/// The model to load.
#[derive(Clone, Debug)]
pub struct ModelPlace {
    /// Its folder in the diffusers layout, or its single file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
}

/// State of the model.
#[derive(Clone, Debug)]
pub enum Engine {
    /// It is being loaded.
    Loading,
    /// It is loaded.
    Ready(Arc<Model>),
    /// It will not be available, for a reason that anyone may know.
    Failed(String),
}

/// A loaded model.
#[derive(Debug)]
pub struct Model {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Its name.
    pub name: String,
    /// Sides of pictures are multiples of this many pixels.
    pub multiple: u32,
}

/// Loads a model in the background.
pub fn start(place: Option<ModelPlace>, options: LoadOptions) -> watch::Receiver<Engine> {
    let Some(place) = place else {
        let reason = "There is no model here: whoever runs the server names one with --model.";
        tracing::error!(
            "no model: --model names none, and models/scenes is neither beside the program nor in the current folder"
        );
        return watch::channel(Engine::Failed(reason.to_owned())).1;
    };
    let (sender, receiver) = watch::channel(Engine::Loading);
    tokio::spawn(async move {
        let name = place.name.clone();
        let loaded = tokio::task::spawn_blocking(move || Model::load(place, &options)).await;
        sender.send_replace(match loaded.map_err(anyhow::Error::from).flatten() {
            Ok(model) => Engine::Ready(Arc::new(model)),
            Err(error) => {
                tracing::error!("model {name}: {}", one_line(&error));
                Engine::Failed(format!("The model {name} cannot be loaded; the server's log says why."))
            }
        });
    });
    receiver
}

/// Waits until loading fails and returns the reason; for ever if it succeeds.
pub async fn failure(mut engine: watch::Receiver<Engine>) -> String {
    let failed = engine.wait_for(|engine| matches!(engine, Engine::Failed(_))).await;
    match failed.map(|engine| engine.clone()) {
        Ok(Engine::Failed(why)) => why,
        _ => std::future::pending().await,
    }
}

/// Waits until the model is loaded; `None` if that failed.
pub async fn painter(mut engine: watch::Receiver<Engine>) -> Option<Arc<dyn Painter>> {
    let known = engine.wait_for(|engine| !matches!(engine, Engine::Loading)).await;
    match known.map(|engine| engine.clone()) {
        Ok(Engine::Ready(model)) => Some(model),
        _ => None,
    }
}

impl Model {
    fn load(ModelPlace { path, name }: ModelPlace, options: &LoadOptions) -> anyhow::Result<Self> {
        let pipeline = Pipeline::load(&path, options)?;
        let (safety_checker, at_once) = (pipeline.has_safety_checker(), pipeline.max_batch());
        tracing::info!(safety_checker, at_once, "the model {name} is loaded");
        let multiple = (pipeline.vae_scale_factor() as u32).max(limits::SIDE_MULTIPLE);
        Ok(Self { pipeline, name, multiple })
    }
}

impl Painter for Model {
    fn at_once(&self) -> usize {
        self.pipeline.max_batch()
    }

    /// Generates all samples together: their noise is drawn at once, so that they equal the command line's.
    /// The PNGs embed the request with the seed, as the command line's do.
    fn paint(
        &self,
        request: &str,
        image: Option<&[u8]>,
        cancel: &CancelToken,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<String>, PaintError> {
        let request: GenerationRequest =
            serde_json::from_str(request).context("the request as it was kept")?;
        let generation = request.parse(self.pipeline.defaults()).map_err(anyhow::Error::from)?;
        let layout = prepare::layout(&generation)?;
        let original = image.map(|image| Original::decode(image, &generation)).transpose()?;
        let canvas = original::canvas(&layout, original.as_ref());
        let seed = prepare::seed(generation.seed);
        let painting = self.pipeline.generate(&generation, canvas, seed, cancel, &mut |progress| {
            let preview = |sample| progress.preview(sample as usize);
            watcher.step(&Step {
                step: progress.step as u32,
                steps: progress.steps as u32,
                preview: &preview,
            });
        })?;
        let (request, parameters) = picture::texts_of(&generation, seed, &self.name)?;
        let mut notes = painting.notes.clone();
        for (sample, picture) in (0..).zip(painting.pictures()) {
            let picture = picture?;
            notes.extend(picture.note);
            watcher.picture(sample, picture::encode_png(&picture.image, &request, &parameters)?)?;
            if cancel.is_cancelled() {
                return Err(PaintError::Cancelled);
            }
        }
        Ok(notes)
    }
}

impl From<DiffusionError> for PaintError {
    fn from(error: DiffusionError) -> Self {
        use DiffusionError as E;
        match error {
            E::Cancelled => Self::Cancelled,
            // On the request, its needs or the weights; the rest names host files or is ONNX Runtime's.
            E::Phrases(_)
            | E::Layout(_)
            | E::Inpaint(_)
            | E::Size { .. }
            | E::Scheduler(_)
            | E::Memory { .. }
            | E::NotFinite { .. } => Self::Told(error.to_string()),
            _ => Self::Inside(anyhow!(error)),
        }
    }
}

impl From<anyhow::Error> for PaintError {
    fn from(error: anyhow::Error) -> Self {
        Self::Inside(error)
    }
}
