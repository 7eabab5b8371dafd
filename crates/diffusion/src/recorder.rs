//! Calls of a network whose inputs and output stay where they are on a card: what has not changed since the last call is
//! not copied again, and ONNX Runtime can record the call as a CUDA graph and play it back, which saves the launches.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::mpsc::{self, Sender};
use std::thread;

use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor, TensorElementType};
use ort::{Error, Result};
use parking_lot::RwLock;

use crate::network::Input;

/// While a graph is recorded, nothing else may ask CUDA for memory: other runs on a card hold this to read.
pub(crate) static RECORDING: RwLock<()> = RwLock::new(());

/// Sizes that are recorded; each keeps its graph for good. Others are computed, not played back.
const RECORDED: usize = 8;
/// The run option that names a graph, and its value for none.
const GRAPH_ID: &str = "gpu_graph_id";
const NO_GRAPH: &str = "-1";

/// A network whose first output has the first input's shape, as a denoiser's, and whose calls are recorded. ONNX Runtime keeps
/// graphs by thread, so all calls are made by one.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// The inputs' names.
    pub inputs: Vec<String>,
    calls: Sender<(Inputs, Sender<Result<Vec<f32>>>)>,
}

/// Inputs of a call, which travel to the thread that makes it.
type Inputs = Vec<(String, DynValue)>;

impl Recorder {
    /// For a session that runs on this device: CUDA's card of that number, or the CPU.
    pub fn new(session: Session, device: AllocationDevice<'static>, number: u32) -> Result<Self> {
        let memory = MemoryInfo::new(device, number as i32, AllocatorType::Device, MemoryType::Default)?;
        let inputs = session.inputs().iter().map(|input| input.name().to_owned()).collect();
        let mut recorded = Recorded { session, memory, calls: HashMap::new() };
        let (calls, asked) = mpsc::channel::<(Inputs, Sender<_>)>();
        let work = move || {
            for (inputs, answer) in asked {
                // Whoever asked may have gone.
                let _ = answer.send(recorded.run(&inputs));
            }
        };
        thread::Builder::new().name("recorder".to_owned()).spawn(work).map_err(Error::wrap)?;
        Ok(Self { inputs, calls })
    }

    /// The network's first output.
    pub fn run(&self, inputs: &[Input<'_>]) -> Result<Vec<f32>> {
        let own = |(name, value): &Input<'_>| Ok((name.to_string(), owned(value)?));
        let inputs = inputs.iter().map(own).collect::<Result<_>>()?;
        let stopped = || Error::new("its thread has stopped, see the message printed above");
        let (answer, answered) = mpsc::channel();
        self.calls.send((inputs, answer)).map_err(|_| stopped())?;
        answered.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

fn owned(value: &DynValue) -> Result<DynValue> {
    if let Ok((shape, values)) = value.try_extract_tensor::<i32>() {
        return Ok(Tensor::from_array((shape.clone(), values.to_vec()))?.into_dyn());
    }
    let (shape, values) = value.try_extract_tensor::<f32>()?;
    Ok(Tensor::from_array((shape.clone(), values.to_vec()))?.into_dyn())
}

/// What the thread has.
struct Recorded {
    session: Session,
    memory: MemoryInfo<'static>,
    /// By the inputs' shapes.
    calls: HashMap<Vec<Vec<i64>>, Call>,
}

/// Calls with inputs of the same shapes.
struct Call {
    inputs: Vec<Box<dyn Held>>,
    output: Tensor<f32>,
    binding: IoBinding,
    /// Names the graph.
    options: RunOptions,
}

impl Recorded {
    fn run(&mut self, inputs: &Inputs) -> Result<Vec<f32>> {
        let shapes: Vec<_> = inputs.iter().map(|(_, value)| shape(value)).collect();
        if let Some(call) = self.calls.get_mut(&shapes) {
            let _beside_others = RECORDING.read();
            return call.run(&mut self.session, inputs);
        }
        let graph = (self.calls.len() < RECORDED).then_some(self.calls.len());
        let _alone = RECORDING.write();
        let mut call = Call::new(&self.session, &self.memory, inputs, graph)?;
        let output = call.run(&mut self.session, inputs)?;
        if graph.is_some() {
            self.calls.insert(shapes, call);
        }
        Ok(output)
    }
}

fn shape(value: &DynValue) -> Vec<i64> {
    value.dtype().tensor_shape().map(|shape| shape.to_vec()).unwrap_or_default()
}

impl Call {
    fn new(
        session: &Session,
        memory: &MemoryInfo<'_>,
        inputs: &Inputs,
        graph: Option<usize>,
    ) -> Result<Self> {
        let output_shape = inputs.first().map(|(_, value)| shape(value)).unwrap_or_default();
        let allocator = Allocator::new(session, memory.clone())?;
        let mut binding = session.create_binding()?;
        let inputs = inputs
            .iter()
            .map(|(name, value)| match value.dtype().tensor_type() {
                Some(TensorElementType::Int32) => bind::<i32>(&mut binding, &allocator, name, value),
                _ => bind::<f32>(&mut binding, &allocator, name, value),
            })
            .collect::<Result<_>>()?;
        let mut output = Tensor::<f32>::new(&allocator, output_shape)?;
        binding.bind_output(session.outputs()[0].name(), &mut output)?;
        let mut options = RunOptions::new()?;
        options.set(GRAPH_ID, graph.map_or(NO_GRAPH.to_owned(), |number| number.to_string()))?;
        Ok(Self { inputs, output, binding, options })
    }

    fn run(&mut self, session: &mut Session, inputs: &Inputs) -> Result<Vec<f32>> {
        for (held, (_, value)) in self.inputs.iter_mut().zip(inputs) {
            held.update(value)?;
        }
        session.run_binding_with_options(&self.binding, &self.options)?;
        let mut output = Tensor::<f32>::new(&Allocator::default(), self.output.shape().clone())?;
        self.output.copy_into(&mut output)?;
        Ok(output.extract_tensor().1.to_vec())
    }
}

/// An input, here and on the card.
trait Held: Send {
    /// Copies the values to the card unless they are there.
    fn update(&mut self, value: &DynValue) -> Result<()>;
}

struct Pair<T: PrimitiveTensorElementType + Debug> {
    here: Tensor<T>,
    there: Tensor<T>,
}

impl<T: PrimitiveTensorElementType + Debug + Copy + PartialEq> Held for Pair<T> {
    fn update(&mut self, value: &DynValue) -> Result<()> {
        let values = value.try_extract_tensor::<T>()?.1;
        if self.here.extract_tensor().1 != values {
            self.here.extract_tensor_mut().1.copy_from_slice(values);
            self.here.copy_into(&mut self.there)?;
        }
        Ok(())
    }
}

/// Binds an input to a place on the card with these values in it.
fn bind<T: PrimitiveTensorElementType + Debug + Copy + PartialEq>(
    binding: &mut IoBinding,
    allocator: &Allocator,
    name: &str,
    value: &DynValue,
) -> Result<Box<dyn Held>>
where
    Pair<T>: Send + 'static,
{
    let (shape, values) = value.try_extract_tensor::<T>()?;
    let mut here = Tensor::<T>::new(&Allocator::default(), shape.clone())?;
    here.extract_tensor_mut().1.copy_from_slice(values);
    let mut there = Tensor::<T>::new(allocator, shape.clone())?;
    here.copy_into(&mut there)?;
    binding.bind_input(name, &there)?;
    Ok(Box::new(Pair { here, there }))
}

#[cfg(test)]
mod tests {
    use ::onnx::{DataType, GraphBuilder, Message, dim, op};

    use super::*;
    use crate::network::tensor;

    /// A recorder, on the CPU, of sample + offset.
    fn sum() -> anyhow::Result<Recorder> {
        let mut graph = GraphBuilder::new("sum");
        let sample = graph.input("sample", DataType::Float, &[dim("n")]);
        let offset = graph.input("offset", DataType::Int32, &[dim(1)]);
        let offset = graph.node("offset_f32", op("Cast").int("to", DataType::Float as i64), [&offset]);
        let sum = graph.node("sum", op("Add"), [&sample, &offset]);
        graph.output("sum", &sum, DataType::Float, &[dim("n")]);
        let model = ::onnx::model(graph.finish(), vec![]).encode_to_vec();
        let session = Session::builder(&attention::runtime::environment()?)?.commit_from_memory(&model)?;
        Ok(Recorder::new(session, AllocationDevice::CPU, 0)?)
    }

    #[test]
    fn what_the_network_refuses_is_an_error_and_the_next_call_goes_on() -> anyhow::Result<()> {
        let recorder = sum()?;
        let (sample, offsets) = ([0.5_f32; 2], [1, 2, 3]);
        let wrong = [tensor("sample", [2], &sample)?, tensor("offset", [3], &offsets)?];
        assert!(recorder.run(&wrong).is_err());
        let right = [tensor("sample", [2], &sample)?, tensor("offset", [1], &offsets[..1])?];
        assert_eq!(recorder.run(&right)?, [1.5; 2]);
        Ok(())
    }

    #[test]
    fn each_call_sees_its_own_values_whatever_was_recorded_before() -> anyhow::Result<()> {
        let recorder = sum()?;
        // More sizes than are recorded, with other values in one of the inputs each time, then the first again.
        let sizes = (1..=RECORDED + 2).chain([1]);
        for size in sizes {
            for (value, offset) in [(0.5, 1), (0.5, 2), (1.5, 2)] {
                let sample = vec![value; size];
                let inputs = vec![
                    tensor("sample", [size], &sample)?,
                    tensor("offset", [1], std::slice::from_ref(&offset))?,
                ];
                assert_eq!(recorder.run(&inputs)?, vec![value + offset as f32; size]);
            }
        }
        Ok(())
    }
}
