//! Runs a network on a GPU, from one thread. Small batches are captured as CUDA graphs and replayed, which
//! saves most host time: launching a step's kernels one by one takes longer than they run.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use attention::cuda::memory::Gpu;
use lru::LruCache;
use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{RunOptions, Session};
use ort::{Error, Result};
use parking_lot::RwLock;

use crate::bound::{BoundCall, Memory};
use crate::input::Input;
use crate::runtime_error::one_line;

/// During graph capture nothing else may allocate CUDA memory: other runs on a GPU hold a read lock.
pub(crate) static RECORDING: RwLock<()> = RwLock::new(());

/// Samples of the largest batch that is captured: one guided picture's. More keep a GPU busy without it.
const LARGEST: i64 = 2;
/// Sizes that are captured; each keeps its graph for good.
const RECORDED: usize = 8;
/// Other sizes whose inputs stay on the GPU.
const KEPT: NonZero<usize> = NonZero::new(8).expect("8 is not 0");
/// The run option that names a graph, and its value for none.
const GRAPH_ID: &str = "gpu_graph_id";
const NO_GRAPH: &str = "-1";

/// A network on a GPU whose only output has the first input's shape, like a denoiser's. ONNX Runtime keeps
/// graphs per thread, so one thread makes all calls.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// `None` once this is being dropped.
    calls: Option<Sender<(Vec<Input>, Answer)>>,
    thread: Option<JoinHandle<()>>,
}

/// Where a call's output goes.
type Answer = Sender<Result<Vec<f32>>>;

impl Recorder {
    /// Creates one for a session on the GPU with this number; `home` is another there, for memory. `records`
    /// says whether the session can capture graphs.
    pub fn on_card(session: Session, home: Session, card: u32, records: bool) -> Result<Self> {
        let (device, number) = (AllocationDevice::CUDA, card as i32);
        let memory = MemoryInfo::new(device, number, AllocatorType::Device, MemoryType::Default)?;
        Self::new(session, home, memory, move || Gpu::open(card).map(Some).map_err(Error::wrap), records)
    }

    /// Creates one for sessions that run where `memory` is: on the GPU that the thread opens, or on the host.
    fn new(
        session: Session,
        home: Session,
        memory: MemoryInfo<'static>,
        open: impl FnOnce() -> Result<Option<Gpu>> + Send + 'static,
        records: bool,
    ) -> Result<Self> {
        let allocator = Allocator::new(&home, memory)?;
        let (calls, asked) = mpsc::channel::<(Vec<Input>, Answer)>();
        let (opened, is_open) = mpsc::channel();
        let work = move || {
            let gpu = match open() {
                Ok(gpu) => gpu,
                Err(error) => return opened.send(Err(error)).unwrap_or_default(),
            };
            // The receiver may be gone, here and below.
            opened.send(Ok(())).unwrap_or_default();
            let memory = Memory { gpu, allocator, _home: home };
            let (recorded, bound) = (HashMap::new(), LruCache::new(KEPT));
            let mut calls = Calls { session, memory, records, recorded, bound, graphs: 0 };
            for (inputs, answer) in asked {
                answer.send(calls.run(&inputs)).unwrap_or_default();
            }
            // Recursive: whoever waits for this thread may hold it, too.
            let _beside_others = RECORDING.read_recursive();
            drop(calls);
        };
        let thread = thread::Builder::new().name("recorder".to_owned()).spawn(work).map_err(Error::wrap)?;
        is_open.recv().map_err(|_| stopped())??;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Runs the network and returns its output.
    pub fn run(&self, inputs: Vec<Input>) -> Result<Vec<f32>> {
        let (answer, answered) = mpsc::channel();
        let calls = self.calls.as_ref().ok_or_else(stopped)?;
        calls.send((inputs, answer)).map_err(|_| stopped())?;
        answered.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Recorder {
    /// Waits for the thread, so that GPU memory is freed before the process ends or a graph is captured.
    fn drop(&mut self) {
        self.calls = None;
        // A panic was already printed.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn stopped() -> Error {
    Error::new("its thread has stopped, see the message printed above")
}

/// The thread's state.
struct Calls {
    session: Session,
    memory: Memory,
    /// Whether more calls may be captured.
    records: bool,
    /// Captured calls, by the inputs' shapes.
    recorded: HashMap<Shapes, BoundCall>,
    /// Calls that are not captured.
    bound: LruCache<Shapes, BoundCall>,
    /// Captures begun: each has an id of its own, even if it failed.
    graphs: usize,
}

type Shapes = Vec<Vec<i64>>;

impl Calls {
    fn run(&mut self, inputs: &[Input]) -> Result<Vec<f32>> {
        let shapes: Shapes = inputs.iter().map(|input| input.shape.clone()).collect();
        if let Some(call) = self.recorded.get_mut(&shapes).or_else(|| self.bound.get_mut(&shapes)) {
            let _beside_others = RECORDING.read();
            return call.run(&mut self.session, &self.memory, inputs);
        }
        let is_small = inputs.first().is_some_and(|input| input.shape[0] <= LARGEST);
        let failure = if is_small && self.records && self.recorded.len() < RECORDED {
            match self.record(inputs) {
                Ok((call, output)) => {
                    self.recorded.insert(shapes, call);
                    return Ok(output);
                }
                Err(error) => Some(error),
            }
        } else {
            None
        };
        let (call, output) = self.bind(inputs)?;
        // The inputs are not at fault, as they work without capture.
        if let Some(error) = failure {
            self.records = false;
            tracing::warn!("steps are recorded as CUDA graphs no more: {}", one_line(&error));
        }
        self.bound.put(shapes, call);
        Ok(output)
    }

    fn record(&mut self, inputs: &[Input]) -> Result<(BoundCall, Vec<f32>)> {
        let _alone = RECORDING.write();
        self.graphs += 1;
        self.first(inputs, &self.graphs.to_string())
    }

    fn bind(&mut self, inputs: &[Input]) -> Result<(BoundCall, Vec<f32>)> {
        let _beside_others = RECORDING.read();
        self.first(inputs, NO_GRAPH)
    }

    /// Makes the first call of a size, and returns it with its output.
    fn first(&mut self, inputs: &[Input], graph: &str) -> Result<(BoundCall, Vec<f32>)> {
        let mut options = RunOptions::new()?;
        options.set(GRAPH_ID, graph)?;
        let mut call = BoundCall::new(&self.session, &self.memory, inputs, options)?;
        let output = call.run(&mut self.session, &self.memory, inputs)?;
        Ok((call, output))
    }
}

#[cfg(test)]
mod tests {
    use ::onnx::{DataType, GraphBuilder, Message, dim, op};

    use super::*;
    use crate::session::{self, SessionOptions};

    /// A recorder on the CPU that computes sample + offset.
    fn recorder(open: impl FnOnce() -> Result<Option<Gpu>> + Send + 'static) -> anyhow::Result<Recorder> {
        let mut graph = GraphBuilder::new("sum");
        let sample = graph.input("sample", DataType::Float, &[dim("samples"), dim("n")]);
        let offset = graph.input("offset", DataType::Int32, &[dim(1)]);
        let offset = graph.node("offset_f32", op("Cast").int("to", DataType::Float as i64), [&offset]);
        let sum = graph.node("sum", op("Add"), [&sample, &offset]);
        graph.output("sum", &sum, DataType::Float, &[dim("samples"), dim("n")]);
        let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::Default)?;
        let home = session::home(&SessionOptions::default())?;
        Ok(Recorder::new(session, home, memory, open, true)?)
    }

    fn inputs(shape: [usize; 2], value: f32, offsets: Vec<i32>) -> Vec<Input> {
        let sample = Input::new("sample", shape, vec![value; shape[0] * shape[1]]);
        vec![sample, Input::new("offset", [offsets.len()], offsets)]
    }

    #[test]
    fn what_the_network_refuses_is_an_error_and_the_next_call_goes_on() -> anyhow::Result<()> {
        let recorder = recorder(|| Ok(None))?;
        assert!(recorder.run(inputs([1, 2], 0.5, vec![1, 2, 3])).is_err());
        assert_eq!(recorder.run(inputs([1, 2], 0.5, vec![1]))?, [1.5; 2]);
        Ok(())
    }

    #[test]
    fn each_call_sees_its_own_values_whatever_was_recorded_before() -> anyhow::Result<()> {
        let recorder = recorder(|| Ok(None))?;
        // More sizes than are captured and kept, some too large for capture, with one input changed each
        // time; then the first of each again.
        let more = |count| 1..=count + 2;
        let sizes =
            more(RECORDED).map(|n| [1, n]).chain(more(KEPT.get()).map(|n| [3, n])).chain([[1, 1], [3, 1]]);
        for size in sizes {
            for (value, offset) in [(0.5, 1), (0.5, 2), (1.5, 2)] {
                let output = recorder.run(inputs(size, value, vec![offset]))?;
                assert_eq!(output, vec![value + offset as f32; size[0] * size[1]]);
            }
        }
        Ok(())
    }

    #[test]
    fn an_input_without_elements_is_a_size_of_its_own() -> anyhow::Result<()> {
        let recorder = recorder(|| Ok(None))?;
        for size in [[1, 1], [1, 0], [1, 1], [1, 0]] {
            assert_eq!(recorder.run(inputs(size, 0.5, vec![1]))?, vec![1.5; size[1]]);
        }
        Ok(())
    }

    #[test]
    fn a_card_that_cannot_be_opened_is_an_error() {
        let error = recorder(|| Err(Error::new("no card"))).expect_err("there is none");
        assert!(error.to_string().contains("no card"), "{error}");
    }
}
