//! A GPU used without ONNX Runtime: memory, copies and timing, for the trial, tests and measurements.
#![allow(unsafe_code, reason = "the C ABI of the driver")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use super::driver::{Driver, DriverError};
use super::launch::Launch;

/// A GPU whose context is current for this thread, to which it is bound.
pub struct Gpu {
    driver: &'static Driver,
    on_this_thread: PhantomData<*const ()>,
}

/// Memory of a [`Gpu`], freed on drop.
pub struct Buffer<'a> {
    gpu: &'a Gpu,
    address: u64,
    bytes: usize,
}

impl Gpu {
    /// Opens the GPU with this number.
    ///
    /// # Errors
    /// No driver, or no such GPU.
    pub fn open(number: u32) -> Result<Self, DriverError> {
        let driver = Driver::get()?;
        let device = driver.device(number)?;
        let mut context = ptr::null_mut();
        // SAFETY: writes a handle; the context is the process's primary one, and never released.
        let status = unsafe { (driver.functions.cuDevicePrimaryCtxRetain)(&mut context, device) };
        driver.check("cuDevicePrimaryCtxRetain", status)?;
        // SAFETY: the context has just been made.
        driver.check("cuCtxSetCurrent", unsafe { (driver.functions.cuCtxSetCurrent)(context) })?;
        Ok(Self { driver, on_this_thread: PhantomData })
    }

    pub(super) fn driver(&self) -> &'static Driver {
        self.driver
    }

    /// Allocates memory with these bytes in it.
    ///
    /// # Errors
    /// The driver's own, such as out of memory.
    pub fn upload(&self, bytes: &[u8]) -> Result<Buffer<'_>, DriverError> {
        let mut buffer = Buffer { gpu: self, address: 0, bytes: bytes.len() };
        // SAFETY: writes an address.
        let status =
            unsafe { (self.driver.functions.cuMemAlloc_v2)(&mut buffer.address, bytes.len().max(1)) };
        self.driver.check("cuMemAlloc", status)?;
        // SAFETY: the memory is as large as the bytes.
        let status = unsafe {
            let from = bytes.as_ptr().cast();
            (self.driver.functions.cuMemcpyHtoD_v2)(buffer.address, from, bytes.len())
        };
        self.driver.check("cuMemcpyHtoD", status)?;
        Ok(buffer)
    }

    /// Runs a call `times` times and returns the mean time of one in milliseconds, by the GPU's clock.
    ///
    /// # Errors
    /// The driver's own.
    ///
    /// # Safety
    /// The call's pointers are those of [`Buffer`]s of this GPU, as large as its sizes say.
    pub unsafe fn time(&self, launch: &Launch, times: u32) -> Result<f32, DriverError> {
        let functions = &self.driver.functions;
        let mut events = [ptr::null_mut(); 2];
        for event in &mut events {
            // SAFETY: writes a handle.
            self.driver.check("cuEventCreate", unsafe { (functions.cuEventCreate)(event, 0) })?;
        }
        let [start, end] = events;
        let mut milliseconds = 0.0;
        // SAFETY: the events are new and only waited for here; the launch is this function's contract.
        unsafe {
            self.driver.check("cuEventRecord", (functions.cuEventRecord)(start, ptr::null_mut()))?;
            for _ in 0..times {
                self.driver.launch(launch, ptr::null_mut())?;
            }
            self.driver.check("cuEventRecord", (functions.cuEventRecord)(end, ptr::null_mut()))?;
            self.driver.check("cuEventSynchronize", (functions.cuEventSynchronize)(end))?;
            let status = (functions.cuEventElapsedTime)(&mut milliseconds, start, end);
            self.driver.check("cuEventElapsedTime", status)?;
            for event in events {
                self.driver.check("cuEventDestroy", (functions.cuEventDestroy_v2)(event))?;
            }
        }
        Ok(milliseconds / times as f32)
    }
}

impl Buffer<'_> {
    /// Its address on the device.
    pub fn address(&self) -> *mut c_void {
        ptr::without_provenance_mut(self.address as usize)
    }

    /// Returns its content, after all work that was started before.
    ///
    /// # Errors
    /// The driver's own; those of earlier launches show here.
    pub fn download(&self) -> Result<Vec<u8>, DriverError> {
        let mut bytes = vec![0; self.bytes];
        // SAFETY: both are of this size.
        let status = unsafe {
            let to = bytes.as_mut_ptr().cast();
            (self.gpu.driver.functions.cuMemcpyDtoH_v2)(to, self.address, self.bytes)
        };
        self.gpu.driver.check("cuMemcpyDtoH", status)?;
        Ok(bytes)
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        // SAFETY: the memory is this buffer's own.
        unsafe { (self.gpu.driver.functions.cuMemFree_v2)(self.address) };
    }
}
