//! One network of a checkpoint: its session, shared by all requests.

use std::sync::Arc;

use export::{Checkpoint, ExportedModel};
use ort::session::Session;
use parking_lot::Mutex;

use crate::error::DiffusionError;
use crate::input::Input;
use crate::recorder::{RECORDING, Recorder};
use crate::session::{self, SessionError, SessionOptions};

/// One network. A run locks the session only while it lasts, so requests take turns step by step.
#[derive(Debug)]
pub(crate) struct Network {
    name: &'static str,
    /// Its inputs' names.
    inputs: Vec<String>,
    runner: Mutex<Runner>,
    checkpoint: Arc<Checkpoint>,
}

#[derive(Debug)]
enum Runner {
    Direct(Session),
    /// On a GPU, where most inputs stay in place between calls.
    OnCard(Recorder),
}

impl Network {
    /// Creates a session of `model`.
    ///
    /// # Errors
    /// Those of [`session::load`].
    pub fn load(
        name: &'static str,
        model: &ExportedModel,
        options: &SessionOptions,
        checkpoint: &Arc<Checkpoint>,
    ) -> Result<Self, DiffusionError> {
        Ok(Self::new(name, session::load(model, options)?, checkpoint))
    }

    /// Creates a session on a GPU, of a model with one output: with CUDA graphs, unless they are turned off
    /// or ONNX Runtime cannot capture them.
    ///
    /// # Errors
    /// Those of [`session::load`].
    pub fn load_on_card(
        name: &'static str,
        model: &ExportedModel,
        card: u32,
        options: &SessionOptions,
        checkpoint: &Arc<Checkpoint>,
    ) -> Result<Self, DiffusionError> {
        let load = |recorded| session::load(model, &SessionOptions { recorded, ..options.clone() });
        let (session, records) = match options.cuda_options.graphs.then(|| load(true)) {
            Some(Ok(session)) => (session, true),
            Some(Err(error @ SessionError::Memory { .. })) => return Err(error.into()),
            Some(Err(error)) => {
                let session = load(false)?;
                tracing::warn!("without CUDA graphs: {error}");
                (session, false)
            }
            None => (load(false)?, false),
        };
        let inputs = names(&session);
        let recorder = session::home(options)
            .and_then(|home| Recorder::on_card(session, home, card, records))
            .map_err(|error| SessionError::new(name, &error))?;
        Ok(Self::of(name, inputs, Runner::OnCard(recorder), checkpoint))
    }

    pub(crate) fn new(name: &'static str, session: Session, checkpoint: &Arc<Checkpoint>) -> Self {
        Self::of(name, names(&session), Runner::Direct(session), checkpoint)
    }

    fn of(name: &'static str, inputs: Vec<String>, runner: Runner, checkpoint: &Arc<Checkpoint>) -> Self {
        Self { name, inputs, runner: Mutex::new(runner), checkpoint: Arc::clone(checkpoint) }
    }

    /// Whether it has an input of this name.
    pub fn takes(&self, input: &str) -> bool {
        self.inputs.iter().any(|name| name == input)
    }

    /// Runs the network and returns its first output.
    ///
    /// # Errors
    /// As [`Network::run_for_all`].
    pub fn run(&self, inputs: Vec<Input>) -> Result<Vec<f32>, DiffusionError> {
        Ok(self.run_for_all(inputs)?.swap_remove(0))
    }

    /// Runs the network and returns its outputs.
    ///
    /// # Errors
    /// ONNX Runtime's own, damaged weights, and values that are not finite, which would only become a black
    /// picture later.
    pub fn run_for_all(&self, inputs: Vec<Input>) -> Result<Vec<Vec<f32>>, DiffusionError> {
        let mut runner = self.runner.lock();
        let running = tracing::debug_span!("run", network = self.name).entered();
        let outputs = match &mut *runner {
            Runner::Direct(session) => run_session(session, &inputs),
            Runner::OnCard(recorder) => recorder.run(inputs).map(|output| vec![output]),
        };
        drop((running, runner));
        let outputs = outputs.map_err(|error| DiffusionError::of_run(self.name, &error))?;
        if outputs.iter().all(|values| are_finite(values)) {
            return Ok(outputs);
        }
        // Checking all weights at every start would take too long; now it is worth it, to name a damaged one.
        self.checkpoint.check_finite()?;
        Err(DiffusionError::NotFinite { network: self.name })
    }
}

/// Whether all values are finite. Stopping at the first that is not would be slower.
fn are_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, value| all & value.is_finite())
}

/// The inputs' names.
fn names(session: &Session) -> Vec<String> {
    session.inputs().iter().map(|input| input.name().to_owned()).collect()
}

/// Runs the session and returns all outputs.
fn run_session(session: &mut Session, inputs: &[Input]) -> ort::Result<Vec<Vec<f32>>> {
    let _beside_others = RECORDING.read();
    let values = inputs.iter().map(|input| Ok((input.name.as_ref(), input.view()?)));
    let outputs = session.run(values.collect::<ort::Result<Vec<_>>>()?)?;
    outputs.values().map(|output| Ok(output.try_extract_tensor::<f32>()?.1.to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ::onnx::{DataType, GraphBuilder, Message, dim};

    use super::*;

    #[test]
    fn a_run_that_takes_more_memory_than_there_is_says_so_and_what_to_do() -> anyhow::Result<()> {
        let mut graph = GraphBuilder::new("large");
        let size = graph.input("size", DataType::Int64, &[dim(1)]);
        let zeros = graph.node("zeros", "ConstantOfShape", [&size]);
        graph.output("zeros", &zeros, DataType::Float, &[dim("size")]);
        let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        let checkpoint = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/checkpoints/sd1");
        let network = Network::new("UNet", session, &Arc::new(Checkpoint::open(checkpoint)?));

        let run = |size: i64| network.run(vec![Input::new("size", [1], vec![size])]);
        assert_eq!(run(3)?, [0.0; 3]);
        let error = run(1 << 50).expect_err("a petabyte and more");
        assert!(matches!(error, DiffusionError::Memory { .. }), "{error}");
        assert!(error.to_string().contains("the UNet: smaller pictures"), "{error}");
        assert_eq!(run(2)?, [0.0; 2], "it goes on");
        Ok(())
    }
}
