//! Calls of a network on a card, one thread's: those of a small batch are recorded as CUDA graphs and played back, which saves most
//! of their time on the host. Launching a step's kernels one by one takes longer than they run.

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

/// While a graph is recorded, nothing else may ask CUDA for memory: other runs on a card hold this to read.
pub(crate) static RECORDING: RwLock<()> = RwLock::new(());

/// Samples of the largest batch that is recorded: those of one guided picture. More keep a card busy without.
const LARGEST: i64 = 2;
/// Sizes that are recorded; each keeps its graph for good.
const RECORDED: usize = 8;
/// Other sizes whose inputs stay on the card.
const KEPT: NonZero<usize> = NonZero::new(8).expect("8 is not 0");
/// The run option that names a graph, and its value for none.
const GRAPH_ID: &str = "gpu_graph_id";
const NO_GRAPH: &str = "-1";

/// A network on a card whose only output has the first input's shape, as a denoiser's. ONNX Runtime keeps graphs by thread, so all
/// calls are made by one.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// Until it is dropped.
    calls: Option<Sender<(Vec<Input>, Answer)>>,
    thread: Option<JoinHandle<()>>,
}

/// Where a call's output goes.
type Answer = Sender<Result<Vec<f32>>>;

impl Recorder {
    /// For a session that runs on the card of this number; `home` is another there, for memory. `records` says whether the
    /// session can record graphs.
    pub fn on_card(session: Session, home: Session, card: u32, records: bool) -> Result<Self> {
        let (device, number) = (AllocationDevice::CUDA, card as i32);
        let memory = MemoryInfo::new(device, number, AllocatorType::Device, MemoryType::Default)?;
        Self::new(session, home, memory, move || Gpu::open(card).map(Some).map_err(Error::wrap), records)
    }

    /// For sessions that run where this memory is, of the card that the thread opens or of the host.
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
            // Whoever asked may have gone, here and below.
            opened.send(Ok(())).unwrap_or_default();
            let memory = Memory { gpu, allocator, _home: home };
            let (recorded, bound) = (HashMap::new(), LruCache::new(KEPT));
            let mut calls = Calls { session, memory, records, recorded, bound, graphs: 0 };
            for (inputs, answer) in asked {
                answer.send(calls.run(&inputs)).unwrap_or_default();
            }
            // Whoever waits for this thread may hold it, too.
            let _beside_others = RECORDING.read_recursive();
            drop(calls);
        };
        let thread = thread::Builder::new().name("recorder".to_owned()).spawn(work).map_err(Error::wrap)?;
        is_open.recv().map_err(|_| stopped())??;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// The network's output.
    pub fn run(&self, inputs: Vec<Input>) -> Result<Vec<f32>> {
        let (answer, answered) = mpsc::channel();
        let calls = self.calls.as_ref().ok_or_else(stopped)?;
        calls.send((inputs, answer)).map_err(|_| stopped())?;
        answered.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Recorder {
    /// Waits for the thread: what is on the card is given back before the process ends or anything is recorded.
    fn drop(&mut self) {
        self.calls = None;
        // That it has panicked was printed.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn stopped() -> Error {
    Error::new("its thread has stopped, see the message printed above")
}

/// What the thread has.
struct Calls {
    session: Session,
    memory: Memory,
    /// Whether more may be recorded.
    records: bool,
    /// By the inputs' shapes.
    recorded: HashMap<Shapes, BoundCall>,
    /// Those that are not recorded.
    bound: LruCache<Shapes, BoundCall>,
    /// Graphs that were begun: each has a name of its own, whatever became of it.
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
        // These inputs are not at fault.
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

    /// The first of calls of a size, and its output.
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

    /// On the CPU, of sample + offset.
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
        // More sizes than are recorded and kept, some too large to be, with other values in one of the inputs each time; then
        // the first of each again.
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
