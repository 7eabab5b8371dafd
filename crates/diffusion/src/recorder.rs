//! Calls of a network whose inputs and output stay where they are on a card: what has not changed since the last call is
//! not copied again, and ONNX Runtime can record the call as a CUDA graph and play it back, which saves the launches.

use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::{PoisonError, RwLock};

use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::{DynValue, PrimitiveTensorElementType, Tensor, TensorElementType};
use ort::{Error, Result};

use crate::network::Input;

/// While a graph is recorded, nothing else may ask CUDA for memory: other runs on a card hold this to read.
pub(crate) static RECORDING: RwLock<()> = RwLock::new(());

/// Sizes that are recorded; each keeps its graph for good. Others are computed, not played back.
const RECORDED: usize = 8;
/// The run option that names a graph, and its value for none.
const GRAPH_ID: &str = "gpu_graph_id";
const NO_GRAPH: &str = "-1";

/// A session whose calls are recorded, of a network whose first output has the first input's shape, as a denoiser's.
#[derive(Debug)]
pub(crate) struct Recorder {
    session: Session,
    memory: MemoryInfo<'static>,
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

impl Debug for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("inputs", &self.inputs).finish_non_exhaustive()
    }
}

impl Recorder {
    /// For a session that runs on this device: CUDA's card of that number, or the CPU.
    pub fn new(session: Session, device: AllocationDevice<'static>, number: u32) -> Result<Self> {
        let memory = MemoryInfo::new(device, number as i32, AllocatorType::Device, MemoryType::Default)?;
        Ok(Self { session, memory, calls: HashMap::new() })
    }

    /// The session itself.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The network's first output.
    pub fn run(&mut self, inputs: Vec<Input<'_>>) -> Result<Vec<f32>> {
        let shapes: Vec<_> = inputs.iter().map(|(_, value)| shape(value)).collect();
        if !self.calls.contains_key(&shapes) && self.calls.len() < RECORDED {
            let _alone = RECORDING.write().unwrap_or_else(PoisonError::into_inner);
            let mut call = Call::new(&self.session, &self.memory, &inputs, self.calls.len())?;
            let output = call.run(&mut self.session, &inputs)?;
            self.calls.insert(shapes, call);
            return Ok(output);
        }
        let _beside_others = RECORDING.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(call) = self.calls.get_mut(&shapes) {
            return call.run(&mut self.session, &inputs);
        }
        let mut options = RunOptions::new()?;
        options.set(GRAPH_ID, NO_GRAPH)?;
        let outputs = self.session.run_with_options(inputs, &options)?;
        Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
    }
}

fn shape(value: &DynValue) -> Vec<i64> {
    value.dtype().tensor_shape().map(|shape| shape.to_vec()).unwrap_or_default()
}

impl Call {
    fn new(session: &Session, memory: &MemoryInfo<'_>, inputs: &[Input<'_>], graph: usize) -> Result<Self> {
        let output_shape = inputs.first().map(|(_, value)| shape(value)).unwrap_or_default();
        let allocator = Allocator::new(session, memory.clone())?;
        let mut binding = session.create_binding()?;
        let inputs = inputs
            .iter()
            .map(|(name, value)| match value.dtype().tensor_type() {
                Some(TensorElementType::Float32) => bind::<f32>(&mut binding, &allocator, name, value),
                Some(TensorElementType::Int32) => bind::<i32>(&mut binding, &allocator, name, value),
                other => Err(Error::new(format!("{name}: {other:?} is never recorded"))),
            })
            .collect::<Result<_>>()?;
        let mut output = Tensor::<f32>::new(&allocator, output_shape)?;
        binding.bind_output(session.outputs()[0].name(), &mut output)?;
        let mut options = RunOptions::new()?;
        options.set(GRAPH_ID, graph.to_string())?;
        Ok(Self { inputs, output, binding, options })
    }

    fn run(&mut self, session: &mut Session, inputs: &[Input<'_>]) -> Result<Vec<f32>> {
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
trait Held: Debug + Send {
    /// Copies the values to the card unless they are there.
    fn update(&mut self, value: &DynValue) -> Result<()>;
}

#[derive(Debug)]
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
    fn each_call_sees_its_own_values_whatever_was_recorded_before() -> anyhow::Result<()> {
        let mut recorder = sum()?;
        // More sizes than are recorded, each twice with other values in one of the inputs, then the first again.
        let sizes = (1..=RECORDED + 2).chain([1]);
        for size in sizes {
            for (value, offset) in [(0.5, 1), (0.5, 2), (1.5, 2)] {
                let sample = vec![value; size];
                let inputs = vec![
                    tensor("sample", [size], &sample)?,
                    tensor("offset", [1], std::slice::from_ref(&offset))?,
                ];
                assert_eq!(recorder.run(inputs)?, vec![value + offset as f32; size]);
            }
        }
        assert_eq!(recorder.calls.len(), RECORDED);
        Ok(())
    }
}
