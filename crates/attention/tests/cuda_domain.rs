//! The domain with the GPU kernels, on a machine of any kind. A file of its own: its sessions are the process's first.

mod common;

use attention::cuda::driver::{DRIVER, Driver};
use attention::runtime;
use common::problem::Spec;
use common::session::{Form, data_type, model, run, tensors};
use ort::session::Session;

#[test]
fn on_the_cpu_provider_the_cpu_kernel_is_taken_even_if_there_are_gpu_kernels() {
    let problem = Spec::small().problem::<f32>(3);
    let model = model(data_type::<f32>(), Form::Kernel, problem.spec.heads as i64, None);
    let environment = runtime::environment().expect("ONNX Runtime");
    let builder = Session::builder(&environment).expect("a builder");
    let domain = attention::cuda_operator_domain(true).expect("a domain");
    let mut builder = builder.with_operators(domain).expect("the domain");
    let mut session = builder.commit_from_memory(&model).expect("a session");
    let output = run::<f32>(&mut session, tensors(&problem).expect("tensors")).expect("a run");
    common::assert_close("small", &output, &problem.reference(), problem.largest_value());
}

#[test]
fn without_a_driver_the_error_names_its_library() {
    match Driver::get() {
        Ok(driver) => assert!(driver.version() >= 13000),
        Err(error) => assert!(error.to_string().contains(DRIVER), "{error}"),
    }
}
