//! The driver's functions, as cuda.h declares them.
#![allow(unsafe_code, reason = "the C ABI of the driver")]

use std::ffi::{c_char, c_int, c_uint, c_void};

use libloading::Library;

/// Declares the driver's functions, as cuda.h does, and how to find them.
macro_rules! functions {
    ($($name:ident($($argument:ty),*);)*) => {
        #[allow(non_snake_case, reason = "the names of cuda.h")]
        pub(super) struct Functions {
            $(pub(super) $name: unsafe extern "system" fn($($argument),*) -> c_int,)*
        }

        impl Functions {
            /// # Safety
            /// The library is NVIDIA's driver.
            pub(super) unsafe fn find(library: &Library) -> Result<Self, libloading::Error> {
                // SAFETY: the types are those of cuda.h, by this function's contract.
                unsafe {
                    Ok(Self { $($name: *library.get(concat!(stringify!($name), "\0").as_bytes())?,)* })
                }
            }
        }
    };
}

functions! {
    cuInit(c_uint);
    cuDriverGetVersion(*mut c_int);
    cuGetErrorString(c_int, *mut *const c_char);
    cuDeviceGetCount(*mut c_int);
    cuDeviceGet(*mut c_int, c_int);
    cuDeviceGetName(*mut c_char, c_int, c_int);
    cuDeviceGetAttribute(*mut c_int, c_int, c_int);
    cuCtxGetDevice(*mut c_int);
    cuLibraryLoadData(*mut *mut c_void, *const c_void, *mut c_void, *mut c_void, c_uint, *mut c_void, *mut c_void, c_uint);
    cuLibraryGetKernel(*mut *mut c_void, *mut c_void, *const c_char);
    cuKernelSetAttribute(c_int, c_int, *mut c_void, c_int);
    cuLaunchKernel(
        *mut c_void, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, *mut c_void, *mut *mut c_void, *mut *mut c_void
    );
    cuDevicePrimaryCtxRetain(*mut *mut c_void, c_int);
    cuCtxSetCurrent(*mut c_void);
    cuMemAlloc_v2(*mut u64, usize);
    cuMemFree_v2(u64);
    cuMemcpyHtoD_v2(u64, *const c_void, usize);
    cuMemcpyDtoH_v2(*mut c_void, u64, usize);
    cuStreamSynchronize(*mut c_void);
    cuEventCreate(*mut *mut c_void, c_uint);
    cuEventRecord(*mut c_void, *mut c_void);
    cuEventSynchronize(*mut c_void);
    cuEventDestroy_v2(*mut c_void);
    cuEventElapsedTime(*mut f32, *mut c_void, *mut c_void);
}
