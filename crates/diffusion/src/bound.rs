//! Calls of a network whose inputs and output keep their addresses: inputs that have not changed since the
//! last call are not copied to the GPU again.

use attention::cuda::copy;
use attention::cuda::memory::Gpu;
use ort::memory::Allocator;
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::{DynTensor, TensorElementType};
use ort::{Error, Result};

use crate::input::{Input, Values};

/// Memory for the inputs and the output of calls.
pub(crate) struct Memory {
    /// The GPU, or `None` for the host's memory.
    pub gpu: Option<Gpu>,
    pub allocator: Allocator,
    /// The session that owns the allocator. The network's own would not do: what it allocates during CUDA
    /// graph capture counts as free afterwards, and every replay writes there.
    pub _home: Session,
}

/// A call bound to inputs of fixed shapes.
pub(crate) struct BoundCall {
    inputs: Vec<Held>,
    output: DynTensor,
    binding: IoBinding,
    options: RunOptions,
}

/// An input: its values on the host, and its tensor where the network runs.
struct Held {
    /// The values in the tensor, if they are known.
    values: Option<Values>,
    there: DynTensor,
}

impl BoundCall {
    /// Binds inputs of these shapes; the session's only output has the shape of the first.
    pub fn new(session: &Session, memory: &Memory, inputs: &[Input], options: RunOptions) -> Result<Self> {
        let mut binding = session.create_binding()?;
        let hold = |input: &Input| {
            let there = input.like(&memory.allocator)?;
            binding.bind_input(&*input.name, &there)?;
            Ok(Held { values: None, there })
        };
        let held = inputs.iter().map(hold).collect::<Result<_>>()?;
        let shape = inputs.first().map(|input| input.shape.clone()).unwrap_or_default();
        let mut output = DynTensor::new(&memory.allocator, TensorElementType::Float32, shape)?;
        binding.bind_output(session.outputs()[0].name(), &mut output)?;
        Ok(Self { inputs: held, output, binding, options })
    }

    /// Runs the network and returns its output.
    pub fn run(&mut self, session: &mut Session, memory: &Memory, inputs: &[Input]) -> Result<Vec<f32>> {
        for (held, input) in self.inputs.iter_mut().zip(inputs) {
            held.update(memory, &input.values)?;
        }
        copy::wait(memory.gpu.as_ref()).map_err(Error::wrap)?;
        session.run_binding_with_options(&self.binding, &self.options)?;
        let mut output = vec![0.0_f32; self.output.shape().num_elements()];
        let bytes = bytemuck::cast_slice_mut(&mut output);
        copy::read(memory.gpu.as_ref(), &self.output, bytes).map_err(Error::wrap)?;
        Ok(output)
    }
}

impl Held {
    /// Copies `values` to the tensor unless it already holds them.
    fn update(&mut self, memory: &Memory, values: &Values) -> Result<()> {
        if self.values.as_ref().is_some_and(|there| there.are(values)) {
            return Ok(());
        }
        // If the copy fails, the tensor holds neither the old values nor the new ones.
        self.values = None;
        copy::write(memory.gpu.as_ref(), &mut self.there, values.bytes()).map_err(Error::wrap)?;
        self.values = Some(values.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{self, SessionOptions};

    #[test]
    fn what_has_not_changed_is_not_copied_again() -> anyhow::Result<()> {
        let _home = session::home(&SessionOptions::default())?;
        let memory = Memory { gpu: None, allocator: Allocator::default(), _home };
        let input = |value: f32| Input::new("sample", [2], vec![value; 2]);
        let mut held = Held { values: None, there: input(0.0).like(&memory.allocator)? };
        held.update(&memory, &input(1.0).values)?;
        // Marks the tensor, to see whether it is overwritten.
        held.there.try_extract_tensor_mut::<f32>()?.1[0] = 7.0;
        held.update(&memory, &input(1.0).values)?;
        assert_eq!(held.there.try_extract_tensor::<f32>()?.1, [7.0, 1.0]);
        held.update(&memory, &input(2.0).values)?;
        assert_eq!(held.there.try_extract_tensor::<f32>()?.1, [2.0, 2.0]);
        let other_size = Input::new("sample", [3], vec![0.0_f32; 3]);
        assert!(held.update(&memory, &other_size.values).is_err());
        Ok(())
    }
}
