//! A problem on a GPU, without ONNX Runtime.
#![allow(unsafe_code, reason = "launches kernels")]

use std::error::Error;

use attention::Shapes;
use attention::cuda::launch::{Kind, Launch, OnGpu, Pointers};
use attention::cuda::memory::{Buffer, Gpu};
use bytemuck::Pod;

use super::problem::Problem;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A problem's tensors on the GPU, and the call for them.
pub struct OnDevice<'g> {
    _inputs: [Buffer<'g>; 6],
    output: Buffer<'g>,
    launch: Launch,
}

impl<'g> OnDevice<'g> {
    /// Copies the tensors to the GPU, for the kernel of this kind.
    pub fn new<T: OnGpu + Pod>(gpu: &'g Gpu, problem: &Problem<T>, kind: Kind) -> Result<Self> {
        let [query, key, value, query_regions, key_regions, strength] = &problem.shapes;
        let shapes = Shapes { query, key, value, query_regions, key_regions, strength };
        let (dimensions, scale) = shapes.check(problem.spec.heads as i64, problem.spec.scale)?;
        let inputs = [
            gpu.upload(bytemuck::cast_slice(&problem.query))?,
            gpu.upload(bytemuck::cast_slice(&problem.key))?,
            gpu.upload(bytemuck::cast_slice(&problem.value))?,
            gpu.upload(bytemuck::cast_slice(&problem.query_regions))?,
            gpu.upload(bytemuck::cast_slice(&problem.key_regions))?,
            gpu.upload(bytemuck::cast_slice(&problem.strength))?,
        ];
        // Bytes of 255 are NaN in every type: what is not written shows.
        let output = gpu.upload(&vec![0xFF; size_of_val(&*problem.query)])?;
        let pointers = Pointers {
            inputs: inputs.each_ref().map(|b| b.address().cast_const()),
            output: output.address(),
        };
        let launch = Launch::new(kind, dimensions, scale, &shapes, pointers)?;
        Ok(Self { _inputs: inputs, output, launch })
    }

    /// Milliseconds of one call.
    pub fn time(&self, gpu: &Gpu, calls: u32) -> Result<f32> {
        // SAFETY: the pointers are those of this struct's buffers.
        Ok(unsafe { gpu.time(&self.launch, calls) }?)
    }
}

/// What the GPU makes of a problem.
pub fn solve<T: OnGpu + Pod>(gpu: &Gpu, problem: &Problem<T>, kind: Kind) -> Result<Vec<T>> {
    let on_device = OnDevice::new(gpu, problem, kind)?;
    on_device.time(gpu, 1)?;
    Ok(on_device.output.download()?.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect())
}
