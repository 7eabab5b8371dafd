//! The operator as ONNX Runtime's CUDA provider sees it.
#![allow(unsafe_code, reason = "device memory by its address")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

use ort::AsPointer;
use ort::operator::{ComputeContext, Kernel, KernelContext};
use ort::{Error, Result};

use super::driver::Driver;
use super::launch::{Kind, Launch, OnGpu, Pointers};
use crate::op::{Attributes, MODULATED, Provider, guarded, input, invalid};
use crate::plain::PlainAttention;
use crate::{OP_NAME, Shapes};

/// The provider for tensors in GPU memory.
pub(crate) struct Cuda {
    /// Whether calls without modulation go through ONNX Runtime's own attention.
    pub plain: bool,
}

impl<T: OnGpu> Provider<T> for Cuda {
    const NAME: &'static str = "CUDAExecutionProvider";
    type Kernel = CudaKernel<T>;

    fn kernel(&self, context: &KernelContext<'_>, attributes: Attributes) -> Result<CudaKernel<T>> {
        let driver = Driver::get().map_err(|error| Error::new(format!("{OP_NAME}: {error}")))?;
        let plain = || PlainAttention::new(context, attributes, T::into_tensor_element_type());
        let plain = self.plain.then(plain).transpose()?;
        Ok(CudaKernel { attributes, driver, plain, kind: OnceLock::new(), element: PhantomData })
    }
}

/// Keeps no state of a call, because ONNX Runtime may compute one node for several runs at once.
pub(crate) struct CudaKernel<T> {
    attributes: Attributes,
    driver: &'static Driver,
    plain: Option<PlainAttention>,
    /// The kind for the session's GPU, which is known when it is current: at the first call.
    kind: OnceLock<Kind>,
    element: PhantomData<T>,
}

impl<T: OnGpu> Kernel for CudaKernel<T> {
    fn compute(&mut self, context: &ComputeContext) -> Result<()> {
        guarded(|| self.attend(context))
    }
}

impl<T: OnGpu> CudaKernel<T> {
    /// Reads only shapes and addresses; the elements stay where they are, and nothing is waited for.
    fn attend(&self, context: &ComputeContext) -> Result<()> {
        let values: Vec<_> = (0..6).map(|index| input(context, index)).collect::<Result<_>>()?;
        let shapes: Vec<&[i64]> = values.iter().map(|value| shape(value)).collect::<Result<_>>()?;
        let shapes = Shapes {
            query: shapes[0],
            key: shapes[1],
            value: shapes[2],
            query_regions: shapes[3],
            key_regions: shapes[4],
            strength: shapes[5],
        };
        let Attributes { num_heads, scale } = self.attributes;
        let (dimensions, scale) =
            shapes.check(num_heads, scale).map_err(|error| invalid(error.to_string()))?;
        let output = context
            .output(0, shapes.query)?
            .ok_or_else(|| Error::new("ModulatedAttention: ONNX Runtime gave no output to write to"))?;
        let mut pointers = Pointers { inputs: [ptr::null(); 6], output: address(&output)? };
        for (pointer, value) in pointers.inputs.iter_mut().zip(&values) {
            *pointer = address(value)?.cast_const();
        }
        if let Some(plain) = &self.plain
            && let Some(modulated) = context.input(MODULATED)?
            && shape(&modulated)?.contains(&0)
        {
            return plain.attend(context, [&values[0], &values[1], &values[2]], &output);
        }
        let kind = *self.kind.get_or_init(|| T::KIND.on(self.driver.has_warpgroups()));
        let launch = Launch::new(kind, dimensions, scale, &shapes, pointers)
            .map_err(|error| invalid(error.to_string()))?;
        let stream = context.stream()?.map_or(ptr::null_mut(), |stream| stream.as_ptr().cast());
        // SAFETY: ONNX Runtime's stream and tensors on the device that it has made current for this thread, whose sizes
        // have been checked; it frees them in the order of the stream.
        unsafe { self.driver.launch(&launch, stream) }
            .map_err(|error| Error::new(format!("{OP_NAME} on CUDA: {error}")))
    }
}

fn shape(value: &ort::value::DynValue) -> Result<&[i64]> {
    let shape = value.dtype().tensor_shape();
    shape.map(|shape| &**shape).ok_or_else(|| invalid(format!("{OP_NAME}: an input is no tensor")))
}

/// Returns the address of a tensor's elements, on whichever device.
fn address(value: &ort::value::DynValue) -> Result<*mut c_void> {
    let mut address = ptr::null_mut();
    // SAFETY: the value lives, and a pointer is written.
    let status = unsafe { (ort::api().GetTensorMutableData)(value.ptr().cast_mut(), &mut address) };
    // SAFETY: the status comes from ONNX Runtime and is used once.
    unsafe { Error::result_from_status(status) }?;
    Ok(address.cast())
}
