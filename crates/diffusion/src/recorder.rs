//! Calls of a network that ONNX Runtime records as CUDA graphs and plays back, which saves a small batch most of its time on the
//! host: launching a step's kernels one by one takes longer than they run.

use std::collections::HashMap;
use std::sync::mpsc::{self, Sender};
use std::thread;

use attention::cuda::copy;
use attention::cuda::memory::Gpu;
use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::{DynTensor, TensorElementType};
use ort::{Error, Result};
use parking_lot::RwLock;

use crate::bound::Bound;
use crate::error::one_line;
use crate::input::{Input, Values};

/// While a graph is recorded, nothing else may ask CUDA for memory: other runs on a card hold this to read.
pub(crate) static RECORDING: RwLock<()> = RwLock::new(());

/// Samples of the largest batch that is recorded: those of one guided picture. More keep a card busy without.
const LARGEST: i64 = 2;
/// Sizes that are recorded; each keeps its graph for good. Others are computed, not played back.
const RECORDED: usize = 8;
/// The run option that names a graph, and its value for none.
const GRAPH_ID: &str = "gpu_graph_id";
const NO_GRAPH: &str = "-1";

/// A network whose only output has the first input's shape, as a denoiser's, and whose calls are recorded. ONNX Runtime keeps
/// graphs by thread, so all calls are made by one.
#[derive(Debug)]
pub(crate) struct Recorder {
    calls: Sender<(Vec<Input>, Answer)>,
}

/// Where a call's output goes.
type Answer = Sender<Result<Vec<f32>>>;

impl Recorder {
    /// For a session that runs on the card of this number.
    pub fn on_card(session: Session, card: u32) -> Result<Self> {
        let memory =
            MemoryInfo::new(AllocationDevice::CUDA, card as i32, AllocatorType::Device, MemoryType::Default)?;
        Self::new(session, memory, move || Gpu::open(card).map(Some).map_err(Error::wrap))
    }

    /// For a session that runs where this memory is, of the card that the thread opens or of the host.
    fn new(
        session: Session,
        memory: MemoryInfo<'static>,
        open: impl FnOnce() -> Result<Option<Gpu>> + Send + 'static,
    ) -> Result<Self> {
        let bound = Bound::new(&session)?;
        let (calls, asked) = mpsc::channel::<(Vec<Input>, Answer)>();
        let (opened, is_open) = mpsc::channel();
        let work = move || {
            let gpu = match open() {
                Ok(gpu) => gpu,
                Err(error) => return opened.send(Err(error)).unwrap_or_default(),
            };
            // Whoever asked may have gone, here and below.
            opened.send(Ok(())).unwrap_or_default();
            let recorded = HashMap::new();
            let mut calls = Calls { session, memory, gpu, recorded, room: RECORDED, bound };
            for (inputs, answer) in asked {
                answer.send(calls.run(&inputs)).unwrap_or_default();
            }
        };
        thread::Builder::new().name("recorder".to_owned()).spawn(work).map_err(Error::wrap)?;
        is_open.recv().map_err(|_| stopped())??;
        Ok(Self { calls })
    }

    /// The network's output.
    pub fn run(&self, inputs: Vec<Input>) -> Result<Vec<f32>> {
        let (answer, answered) = mpsc::channel();
        self.calls.send((inputs, answer)).map_err(|_| stopped())?;
        answered.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> Error {
    Error::new("its thread has stopped, see the message printed above")
}

/// What the thread has.
struct Calls {
    session: Session,
    memory: MemoryInfo<'static>,
    gpu: Option<Gpu>,
    /// By the inputs' shapes.
    recorded: HashMap<Vec<Vec<i64>>, Recorded>,
    /// How many more are recorded.
    room: usize,
    /// Those that are not.
    bound: Bound,
}

impl Calls {
    fn run(&mut self, inputs: &[Input]) -> Result<Vec<f32>> {
        let shapes: Vec<_> = inputs.iter().map(|input| input.shape.clone()).collect();
        if let Some(call) = self.recorded.get_mut(&shapes) {
            let _beside_others = RECORDING.read();
            return call.run(&mut self.session, self.gpu.as_ref(), inputs);
        }
        if self.room > 0 && inputs.first().is_some_and(|input| input.shape[0] <= LARGEST) {
            match self.record(inputs) {
                Ok((call, output)) => {
                    self.room -= 1;
                    self.recorded.insert(shapes, call);
                    return Ok(output);
                }
                // It may be these inputs that are at fault.
                Err(error) => {
                    let output = self.run_bound(inputs)?;
                    self.room = 0;
                    tracing::warn!("calls are recorded as CUDA graphs no more: {}", one_line(&error));
                    return Ok(output);
                }
            }
        }
        self.run_bound(inputs)
    }

    fn run_bound(&mut self, inputs: &[Input]) -> Result<Vec<f32>> {
        let _beside_others = RECORDING.read();
        self.bound.run(&mut self.session, inputs, &run_options(None)?)
    }

    fn record(&mut self, inputs: &[Input]) -> Result<(Recorded, Vec<f32>)> {
        let _alone = RECORDING.write();
        let mut call = Recorded::new(&self.session, &self.memory, inputs, self.recorded.len())?;
        let output = call.run(&mut self.session, self.gpu.as_ref(), inputs)?;
        Ok((call, output))
    }
}

fn run_options(graph: Option<usize>) -> Result<RunOptions> {
    let mut options = RunOptions::new()?;
    options.set(GRAPH_ID, graph.map_or(NO_GRAPH.to_owned(), |number| number.to_string()))?;
    Ok(options)
}

/// Calls with inputs of the same shapes, which lie at the same places each time.
struct Recorded {
    inputs: Vec<Held>,
    output: DynTensor,
    binding: IoBinding,
    /// Names the graph.
    options: RunOptions,
}

/// An input, here and where the network runs.
struct Held {
    values: Option<Values>,
    there: DynTensor,
}

impl Held {
    /// Copies the values there unless it has them.
    fn update(&mut self, gpu: Option<&Gpu>, values: &Values) -> Result<()> {
        if self.values.as_ref().is_some_and(|there| there.are(values)) {
            return Ok(());
        }
        copy::write(gpu, &mut self.there, values.bytes()).map_err(Error::wrap)?;
        self.values = Some(values.clone());
        Ok(())
    }
}

impl Recorded {
    fn new(session: &Session, memory: &MemoryInfo<'_>, inputs: &[Input], graph: usize) -> Result<Self> {
        let allocator = Allocator::new(session, memory.clone())?;
        let mut binding = session.create_binding()?;
        let hold = |input: &Input| {
            let there = input.like(&allocator)?;
            binding.bind_input(&*input.name, &there)?;
            Ok(Held { values: None, there })
        };
        let held = inputs.iter().map(hold).collect::<Result<_>>()?;
        let shape = inputs.first().map(|input| input.shape.clone()).unwrap_or_default();
        let mut output = DynTensor::new(&allocator, TensorElementType::Float32, shape)?;
        binding.bind_output(session.outputs()[0].name(), &mut output)?;
        Ok(Self { inputs: held, output, binding, options: run_options(Some(graph))? })
    }

    fn run(&mut self, session: &mut Session, gpu: Option<&Gpu>, inputs: &[Input]) -> Result<Vec<f32>> {
        for (held, input) in self.inputs.iter_mut().zip(inputs) {
            held.update(gpu, &input.values)?;
        }
        session.run_binding_with_options(&self.binding, &self.options)?;
        let mut output = vec![0.0_f32; self.output.shape().num_elements()];
        copy::read(gpu, &self.output, bytemuck::cast_slice_mut(&mut output)).map_err(Error::wrap)?;
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use ::onnx::{DataType, GraphBuilder, Message, dim, op};

    use super::*;

    /// A recorder, on the CPU, of sample + offset.
    fn sum() -> anyhow::Result<Recorder> {
        let mut graph = GraphBuilder::new("sum");
        let sample = graph.input("sample", DataType::Float, &[dim("samples"), dim("n")]);
        let offset = graph.input("offset", DataType::Int32, &[dim(1)]);
        let offset = graph.node("offset_f32", op("Cast").int("to", DataType::Float as i64), [&offset]);
        let sum = graph.node("sum", op("Add"), [&sample, &offset]);
        graph.output("sum", &sum, DataType::Float, &[dim("samples"), dim("n")]);
        let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default)?;
        Ok(Recorder::new(session, memory, || Ok(None))?)
    }

    fn inputs(shape: [usize; 2], value: f32, offsets: Vec<i32>) -> Vec<Input> {
        let sample = Input::new("sample", shape, vec![value; shape[0] * shape[1]]);
        vec![sample, Input::new("offset", [offsets.len()], offsets)]
    }

    #[test]
    fn what_the_network_refuses_is_an_error_and_the_next_call_goes_on() -> anyhow::Result<()> {
        let recorder = sum()?;
        assert!(recorder.run(inputs([1, 2], 0.5, vec![1, 2, 3])).is_err());
        assert_eq!(recorder.run(inputs([1, 2], 0.5, vec![1]))?, [1.5; 2]);
        Ok(())
    }

    #[test]
    fn each_call_sees_its_own_values_whatever_was_recorded_before() -> anyhow::Result<()> {
        let recorder = sum()?;
        // More sizes than are recorded, one that is too large to be, with other values in one of the inputs each time; then the
        // first again.
        let sizes = (1..=RECORDED + 2).map(|n| [1, n]).chain([[3, 2], [1, 1]]);
        for size in sizes {
            for (value, offset) in [(0.5, 1), (0.5, 2), (1.5, 2)] {
                let output = recorder.run(inputs(size, value, vec![offset]))?;
                assert_eq!(output, vec![value + offset as f32; size[0] * size[1]]);
            }
        }
        Ok(())
    }

    #[test]
    fn a_card_that_cannot_be_opened_is_an_error() -> anyhow::Result<()> {
        let mut graph = GraphBuilder::new("nothing");
        let sample = graph.input("sample", DataType::Float, &[dim(1)]);
        let same = graph.node("same", op("Identity"), [&sample]);
        graph.output("same", &same, DataType::Float, &[dim(1)]);
        let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default)?;
        let error = Recorder::new(session, memory, || Err(Error::new("no card"))).expect_err("there is none");
        assert!(error.to_string().contains("no card"), "{error}");
        Ok(())
    }
}
