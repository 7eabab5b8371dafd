//! Copies tensors' values to and from where a session runs. ONNX Runtime's own copies, from tensor to tensor,
//! each need a session and a run.
#![allow(unsafe_code, reason = "the C ABI of the driver")]

use std::ptr;

use ort::memory::AllocationDevice;
use ort::value::DynTensor;

use super::driver::DriverError;
use super::memory::Gpu;

/// Copies values to a tensor on the GPU, which has them once [`wait`] returns, or else on the host.
///
/// # Errors
/// The driver's own, and a tensor that lies elsewhere or has another size.
pub fn write(gpu: Option<&Gpu>, tensor: &mut DynTensor, values: &[u8]) -> Result<(), DriverError> {
    check(gpu, tensor, values.len())?;
    if values.is_empty() {
        return Ok(());
    }
    let to = tensor.data_ptr_mut();
    let Some(driver) = gpu.map(Gpu::driver) else {
        // SAFETY: the tensor is on the host, and both are of this size.
        unsafe { ptr::copy_nonoverlapping(values.as_ptr(), to.cast(), values.len()) };
        return Ok(());
    };
    // SAFETY: the tensor is on a GPU, and both are of this size. Pageable memory is read before this returns.
    let status =
        unsafe { (driver.functions.cuMemcpyHtoD_v2)(to.addr() as u64, values.as_ptr().cast(), values.len()) };
    driver.check("cuMemcpyHtoD", status)
}

/// Waits for the copies of [`write()`]: other streams do not wait for the stream that they are made on.
///
/// # Errors
/// The driver's own.
pub fn wait(gpu: Option<&Gpu>) -> Result<(), DriverError> {
    let Some(driver) = gpu.map(Gpu::driver) else { return Ok(()) };
    // SAFETY: null is that stream.
    let status = unsafe { (driver.functions.cuStreamSynchronize)(ptr::null_mut()) };
    driver.check("cuStreamSynchronize", status)
}

/// Copies the values of a tensor, which no run is writing, from the GPU, or from the host if there is none.
///
/// # Errors
/// As [`write()`].
pub fn read(gpu: Option<&Gpu>, tensor: &DynTensor, values: &mut [u8]) -> Result<(), DriverError> {
    check(gpu, tensor, values.len())?;
    let from = tensor.data_ptr();
    let Some(driver) = gpu.map(Gpu::driver) else {
        // SAFETY: the tensor is on the host, and both are of this size.
        unsafe { ptr::copy_nonoverlapping(from.cast(), values.as_mut_ptr(), values.len()) };
        return Ok(());
    };
    // SAFETY: the tensor is on a GPU, and both are of this size.
    let status = unsafe {
        (driver.functions.cuMemcpyDtoH_v2)(values.as_mut_ptr().cast(), from.addr() as u64, values.len())
    };
    driver.check("cuMemcpyDtoH", status)
}

fn check(gpu: Option<&Gpu>, tensor: &DynTensor, bytes: usize) -> Result<(), DriverError> {
    let wanted = if gpu.is_some() { AllocationDevice::CUDA } else { AllocationDevice::CPU };
    let size = tensor.data_type().byte_size(tensor.shape().num_elements());
    if tensor.memory_info().allocation_device() == wanted && size == Some(bytes) {
        return Ok(());
    }
    Err(DriverError::Tensor { bytes })
}
