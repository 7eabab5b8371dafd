//! Calls of a network whose inputs stay where it runs: what has not changed since the last call is not copied to the card again.

use ort::Result;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, RunOptions, Session};

use crate::input::Input;

/// The inputs of a session's last call.
#[derive(Debug)]
pub(crate) struct Bound {
    binding: IoBinding,
    inputs: Vec<Input>,
    /// The output's name, and that it comes to the host.
    output: (String, MemoryInfo<'static>),
}

impl Bound {
    /// For the first output of a session.
    pub fn new(session: &Session) -> Result<Self> {
        let here = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::CPUOutput)?;
        let output = (session.outputs()[0].name().to_owned(), here);
        Ok(Self { binding: session.create_binding()?, inputs: Vec::new(), output })
    }

    /// The first output of this session, which is the one that this was made for; its inputs come in the same order each time.
    pub fn run(&mut self, session: &mut Session, inputs: &[Input], options: &RunOptions) -> Result<Vec<f32>> {
        for (n, input) in inputs.iter().enumerate() {
            match self.inputs.get_mut(n) {
                Some(bound) if bound.is(input) => {}
                bound => {
                    self.binding.bind_input(&*input.name, &input.owned()?)?;
                    match bound {
                        Some(bound) => *bound = input.clone(),
                        None => self.inputs.push(input.clone()),
                    }
                }
            }
        }
        let (name, here) = &self.output;
        // Anew each time: the next one may have another shape.
        self.binding.bind_output_to_device(name, here)?;
        let outputs = session.run_binding_with_options(&self.binding, options)?;
        Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
    }
}
