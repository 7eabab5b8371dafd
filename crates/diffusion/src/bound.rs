//! Calls of a network whose inputs and output lie at the same places of a card each time: what has not changed since the last call is
//! not copied there again.

use attention::cuda::copy;
use attention::cuda::memory::Gpu;
use ort::memory::Allocator;
use ort::session::{IoBinding, RunOptions, Session};
use ort::value::{DynTensor, TensorElementType};
use ort::{Error, Result};

use crate::input::{Input, Values};

/// Where calls keep what they read and write.
pub(crate) struct Memory {
    /// Of the card, or of the host if there is none.
    pub gpu: Option<Gpu>,
    pub allocator: Allocator,
    /// Whose allocator it is. That of the network's own session would not do: what it has given out while a CUDA graph was
    /// recorded counts as free afterwards, and each playing back writes there.
    pub _home: Session,
}

/// Calls with inputs of the same shapes.
pub(crate) struct BoundCall {
    inputs: Vec<Held>,
    output: DynTensor,
    binding: IoBinding,
    options: RunOptions,
}

/// An input, here and where the network runs.
struct Held {
    /// As they were copied.
    values: Option<Values>,
    there: DynTensor,
}

impl BoundCall {
    /// For inputs of these shapes, the first of which is that of the session's only output.
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

    /// The output.
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
    /// Copies the values there unless it has them.
    fn update(&mut self, memory: &Memory, values: &Values) -> Result<()> {
        if self.values.as_ref().is_some_and(|there| there.are(values)) {
            return Ok(());
        }
        // What is there is neither one nor the other if that fails.
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
        // Seen by what is there.
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
