//! NVIDIA's driver, loaded on first use: neither building nor running on a CPU needs anything of CUDA.
#![allow(unsafe_code, reason = "the C ABI of the driver")]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use libloading::Library;

use super::FATBIN;
use super::functions::Functions;
use super::launch::{HEAD_SIZES, Kind, Launch, THREADS, kernel_name};

/// The driver's library.
pub const DRIVER: &str = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };

/// CUDA 13.0, whose compiler built the kernels.
const OLDEST: c_int = 13000;

/// Why the driver cannot be used, or which call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DriverError {
    /// There is no driver.
    #[error("{DRIVER}, which comes with NVIDIA's driver, cannot be loaded: {0}")]
    Missing(String),
    /// The driver is too old.
    #[error("{DRIVER} is for CUDA {}.{}, at least 13.0 is needed: install a newer driver", .0 / 1000, .0 % 1000 / 10)]
    Old(c_int),
    /// A call failed.
    #[error("{function} of {DRIVER} failed: {message}")]
    Call {
        /// The driver's function.
        function: &'static str,
        /// The driver's message.
        message: String,
    },
    /// A copy to or from a tensor of another size or place than expected.
    #[error("{bytes} bytes are to be copied, and the tensor has another size or lies elsewhere")]
    Tensor {
        /// The size of the copy.
        bytes: usize,
    },
}

/// The driver, initialised.
pub struct Driver {
    pub(super) functions: Functions,
    kernels: OnceLock<Result<Kernels, DriverError>>,
    _library: Library,
}

/// Each kernel's handle, by kind and [`HEAD_SIZES`]. They belong to no context: the driver loads them into
/// each that launches them.
struct Kernels([[*mut c_void; HEAD_SIZES.len()]; Kind::ALL.len()]);

// SAFETY: the driver's handles may be used from any thread, and these are never freed.
unsafe impl Send for Kernels {}
// SAFETY: as above.
unsafe impl Sync for Kernels {}

impl Driver {
    /// The process's one driver.
    ///
    /// # Errors
    /// [`DriverError`], the same at every call.
    pub fn get() -> Result<&'static Self, DriverError> {
        static DRIVER: OnceLock<Result<Driver, DriverError>> = OnceLock::new();
        DRIVER.get_or_init(Self::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Self, DriverError> {
        // The loader's message is the source of libloading's error.
        let missing = |error: libloading::Error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let words = source.unwrap_or_else(|| error.to_string());
            // The loader repeats the library's name.
            DriverError::Missing(words.trim_start_matches(&format!("{DRIVER}: ")).to_owned())
        };
        // SAFETY: loading the driver runs its own initialisation only.
        let library = unsafe { Library::new(DRIVER) }.map_err(missing)?;
        let mut version = 0;
        // SAFETY: the type is that of cuda.h. This function is in every driver, the others in those from 12.0 on.
        let status = unsafe {
            let get: libloading::Symbol<'_, unsafe extern "system" fn(*mut c_int) -> c_int> =
                library.get(b"cuDriverGetVersion\0").map_err(missing)?;
            get(&mut version)
        };
        if status == 0 && version < OLDEST {
            return Err(DriverError::Old(version));
        }
        // SAFETY: the library is the driver.
        let functions = unsafe { Functions::find(&library) }.map_err(missing)?;
        let driver = Self { functions, kernels: OnceLock::new(), _library: library };
        // SAFETY: 0 is the only value for the flags.
        driver.check("cuInit", unsafe { (driver.functions.cuInit)(0) })?;
        Ok(driver)
    }

    /// The CUDA version that the driver is for: 13000 is 13.0.
    pub fn version(&self) -> i32 {
        let mut version = 0;
        // SAFETY: writes one number.
        unsafe { (self.functions.cuDriverGetVersion)(&mut version) };
        version
    }

    /// How many GPUs there are.
    ///
    /// # Errors
    /// The driver's own.
    pub fn devices(&self) -> Result<u32, DriverError> {
        let mut count = 0;
        // SAFETY: writes one number.
        self.check("cuDeviceGetCount", unsafe { (self.functions.cuDeviceGetCount)(&mut count) })?;
        Ok(count.unsigned_abs())
    }

    /// A GPU's name.
    ///
    /// # Errors
    /// The driver's own: there is no such GPU.
    pub fn name(&self, device: u32) -> Result<String, DriverError> {
        let mut name = [0_u8; 256];
        let handle = self.device(device)?;
        // SAFETY: the name is truncated to the length given, its terminator included.
        let status = unsafe { (self.functions.cuDeviceGetName)(name.as_mut_ptr().cast(), 255, handle) };
        self.check("cuDeviceGetName", status)?;
        Ok(CStr::from_bytes_until_nul(&name).unwrap_or_default().to_string_lossy().into_owned())
    }

    pub(super) fn device(&self, number: u32) -> Result<c_int, DriverError> {
        let mut handle = 0;
        // SAFETY: writes one number.
        let status = unsafe { (self.functions.cuDeviceGet)(&mut handle, number as c_int) };
        self.check("cuDeviceGet", status)?;
        Ok(handle)
    }

    /// Whether the GPU of the calling thread's current context has warpgroup matrix multiplication, which
    /// only compute capability 9.0 has.
    pub fn has_warpgroups(&self) -> bool {
        let mut device = 0;
        // SAFETY: writes one number.
        let status = unsafe { (self.functions.cuCtxGetDevice)(&mut device) };
        status == 0 && self.is_hopper(device)
    }

    fn is_hopper(&self, device: c_int) -> bool {
        const CAPABILITY: [c_int; 2] = [75, 76]; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR
        let mut status = 0;
        let capability = CAPABILITY.map(|attribute| {
            let mut value = 0;
            // SAFETY: writes one number.
            status |= unsafe { (self.functions.cuDeviceGetAttribute)(&mut value, attribute, device) };
            value
        });
        status == 0 && capability == [9, 0]
    }

    /// Launches a kernel on a stream of the calling thread's current context, and returns at once.
    ///
    /// # Errors
    /// The driver's own.
    ///
    /// # Safety
    /// `stream` is a stream of the current context or null, and the call's pointers are those of device
    /// memory that is as large as its sizes say and lives until the stream is done with it.
    pub unsafe fn launch(&self, launch: &Launch, stream: *mut c_void) -> Result<(), DriverError> {
        let [blocks, heads] = launch.grid;
        if blocks == 0 || heads == 0 {
            return Ok(());
        }
        let kernels = self.kernels.get_or_init(|| self.load_kernels()).as_ref().map_err(Clone::clone)?;
        let kind = Kind::ALL.iter().position(|&kind| kind == launch.kind).unwrap_or_default();
        let size = HEAD_SIZES.iter().position(|&size| size == launch.head_size).unwrap_or_default();
        let mut parameters = [ptr::from_ref(&launch.problem).cast_mut().cast::<c_void>()];
        // SAFETY: the kernel takes one parameter of this type, which the driver copies before it returns; the rest is
        // this function's contract.
        let status = unsafe {
            (self.functions.cuLaunchKernel)(
                kernels.0[kind][size],
                blocks,
                heads,
                1,
                THREADS,
                1,
                1,
                launch.shared_memory,
                stream,
                parameters.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        self.check("cuLaunchKernel", status)
    }

    fn load_kernels(&self) -> Result<Kernels, DriverError> {
        let mut library = ptr::null_mut();
        let none = ptr::null_mut();
        // SAFETY: the fatbin is static and holds its own length; no options.
        let status = unsafe {
            let fatbin = FATBIN.as_ptr().cast();
            (self.functions.cuLibraryLoadData)(&mut library, fatbin, none, none, 0, none, none, 0)
        };
        self.check("cuLibraryLoadData", status)?;
        let mut kernels = Kernels([[ptr::null_mut(); HEAD_SIZES.len()]; Kind::ALL.len()]);
        for (kind, row) in Kind::ALL.into_iter().zip(&mut kernels.0) {
            for (head_size, kernel) in HEAD_SIZES.into_iter().zip(row) {
                let name = kernel_name(kind, head_size);
                // SAFETY: the library has just been loaded, and the name ends with 0.
                let status = unsafe { (self.functions.cuLibraryGetKernel)(kernel, library, name.as_ptr()) };
                self.check("cuLibraryGetKernel", status)?;
                self.allow_shared_memory(*kernel, kind.shared_memory(head_size))?;
            }
        }
        Ok(kernels)
    }

    /// Allows more than the default 48 KiB, once per kernel, on every GPU that may run it.
    fn allow_shared_memory(&self, kernel: *mut c_void, bytes: usize) -> Result<(), DriverError> {
        const MOST_DYNAMIC_SHARED_MEMORY: c_int = 8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        if bytes <= 48 << 10 {
            return Ok(());
        }
        for number in 0..self.devices()? {
            // A GPU that refuses says so at a launch, which need not be on it.
            if let Some(device) = self.device(number).ok().filter(|&device| self.is_hopper(device)) {
                // SAFETY: the kernel has just been found.
                unsafe {
                    (self.functions.cuKernelSetAttribute)(
                        MOST_DYNAMIC_SHARED_MEMORY,
                        bytes as c_int,
                        kernel,
                        device,
                    )
                };
            }
        }
        Ok(())
    }

    pub(super) fn check(&self, function: &'static str, status: c_int) -> Result<(), DriverError> {
        if status == 0 {
            return Ok(());
        }
        let mut text = ptr::null();
        // SAFETY: writes a pointer to a static string, or null.
        let message = unsafe {
            (self.functions.cuGetErrorString)(status, &mut text);
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        };
        Err(DriverError::Call { function, message: format!("{message} (error {status})") })
    }
}
