//! What the cdylib exports: `RegisterCustomOps`, the entry point of ONNX Runtime's custom-operator libraries.
//! From Python: `SessionOptions().register_custom_ops_library("libattention.so")`.
#![allow(unsafe_code, reason = "the C ABI of ONNX Runtime")]

use std::ffi::{CString, c_char};
use std::panic::catch_unwind;
use std::ptr;
use std::sync::OnceLock;

use ort::AsPointer;
use ort::operator::OperatorDomain;
use ort::sys::{ORT_API_VERSION, OrtApiBase, OrtErrorCode, OrtSessionOptions, OrtStatusPtr};

use crate::cuda_operator_domain;

/// The process's one domain. Every session keeps pointers to it, so it is never freed.
struct SharedDomain(OperatorDomain);

// SAFETY: once created, the domain is only read, by this module and by ONNX Runtime.
unsafe impl Send for SharedDomain {}
// SAFETY: as above.
unsafe impl Sync for SharedDomain {}

static SHARED: OnceLock<SharedDomain> = OnceLock::new();

/// Registers the operators of [`cuda_operator_domain`] with a host's session options.
///
/// # Safety
/// Both pointers come from ONNX Runtime, as it calls custom-operator libraries: valid, and not null.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn RegisterCustomOps(
    options: *mut OrtSessionOptions,
    base: *const OrtApiBase,
) -> OrtStatusPtr {
    // SAFETY: `base` is valid by this function's contract.
    let (api, first) = unsafe { (((*base).GetApi)(ORT_API_VERSION), ((*base).GetApi)(1)) };
    let create_status = |message: &str| {
        let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
        // SAFETY: every version of ONNX Runtime has CreateStatus at the same place; it copies the message.
        unsafe { ((*first).CreateStatus)(OrtErrorCode::ORT_FAIL, message.as_ptr().cast::<c_char>()) }
    };
    if api.is_null() {
        return create_status(&format!(
            "dense_diffusion: this custom-operator library needs ONNX Runtime 1.{ORT_API_VERSION} or newer"
        ));
    }
    let registered = catch_unwind(|| {
        // SAFETY: `api` is not null, and holds the functions of the version asked for.
        ort::set_api(unsafe { ptr::read(api) });
        register(options)
    });
    match registered {
        Ok(Ok(())) => OrtStatusPtr(ptr::null_mut()),
        Ok(Err(error)) => create_status(&format!("dense_diffusion: {error}")),
        Err(_) => create_status("dense_diffusion: internal error while the operators were registered"),
    }
}

fn register(options: *mut OrtSessionOptions) -> ort::Result<()> {
    let domain = match SHARED.get() {
        Some(domain) => domain,
        None => {
            let domain = cuda_operator_domain(false)?;
            SHARED.get_or_init(|| SharedDomain(domain))
        }
    };
    // SAFETY: `options` is valid by the contract of `RegisterCustomOps`; the domain lives as long as the process.
    let status = unsafe { (ort::api().AddCustomOpDomain)(options, domain.0.ptr().cast_mut()) };
    // SAFETY: the status comes from ONNX Runtime and is used once.
    unsafe { ort::Error::result_from_status(status) }
}
