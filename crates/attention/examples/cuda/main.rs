//! `cargo run -p attention --example cuda`: the op's problems and its times on the first GPU; a line of JSON for each
//! part as soon as it is done, since ONNX Runtime's provider may take the whole program down.
//!
//! 1. Every problem of the tests by a launch of our own, beside the reference;
//! 2. the times of one call, by the GPU's clock;
//! 3. the problems through ONNX Runtime's CUDA provider, where it is there, and plain attention beside its own.

mod chain;
#[path = "../../tests/common/mod.rs"]
mod common;

use std::error::Error;
use std::fmt::Debug;
use std::process::ExitCode;

use attention::cuda::driver::Driver;
use attention::cuda::launch::{Kind, OnGpu};
use attention::cuda::memory::Gpu;
use attention::runtime;
use bytemuck::Pod;
use common::device::{OnDevice, solve};
use common::problem::{Problem, stable_diffusion};
use common::problems::problems;
use common::session::{Form, data_type, model, run, tensors};
use half::f16;
use ort::ep::CUDA;
use ort::session::Session;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Calls that are timed together, after a fifth as many that are not.
const CALLS: u32 = 50;

fn main() -> ExitCode {
    let gpu = match Gpu::open(0) {
        Ok(gpu) => gpu,
        Err(error) => {
            eprintln!("there is no GPU here: {error}");
            return ExitCode::FAILURE;
        }
    };
    match measure(&gpu) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the GPU failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(gpu: &Gpu) -> Result<()> {
    let driver = Driver::get()?;
    println!("{}", json!({"device": driver.name(0)?, "driver_cuda": driver.version()}));
    let halves = if driver.has_warpgroups() { &[Kind::F16, Kind::F16Together][..] } else { &[Kind::F16] };
    let mut launched = compare::<f32>("f32", |p| solve(gpu, p, Kind::F32));
    for &kind in halves {
        launched.extend(compare::<f16>(kind.name(), |p| solve(gpu, p, kind)));
    }
    println!("{}", json!({"launched": launched}));
    let mut times = Vec::new();
    for &kind in halves {
        times.extend(time_all::<f16>(gpu, kind)?);
    }
    times.extend(time_all::<f32>(gpu, Kind::F32)?);
    println!("{}", json!({"times": times}));
    let through_onnx_runtime = match provider() {
        Ok(()) => {
            let mut compared = compare::<f32>("f32", through_onnx_runtime);
            compared
                .extend(compare::<f16>(Kind::F16.on(driver.has_warpgroups()).name(), through_onnx_runtime));
            json!(compared)
        }
        Err(missing) => json!(missing),
    };
    let is_there = through_onnx_runtime.is_array();
    println!("{}", json!({"through_onnx_runtime": through_onnx_runtime}));
    if is_there {
        let times = stable_diffusion().iter().map(chain::time).collect::<Result<Vec<_>>>()?;
        println!("{}", json!({"plain_through_onnx_runtime": times}));
    }
    Ok(())
}

/// Why ONNX Runtime cannot use the GPU.
#[cfg(not(unix))]
fn provider() -> std::result::Result<(), String> {
    Err("CUDA is used on Linux only".to_owned())
}

/// Why ONNX Runtime cannot use the GPU.
#[cfg(unix)]
fn provider() -> std::result::Result<(), String> {
    let library = runtime::locate().map_err(|error| error.to_string())?;
    attention::cuda::libraries::preload(&library).map_err(|error| error.to_string())
}

fn through_onnx_runtime<T: OnGpu + Debug>(problem: &Problem<T>) -> Result<Vec<T>> {
    let scale = (problem.spec.scale != 0.0).then_some(problem.spec.scale);
    let model = model(data_type::<T>(), Form::Kernel, problem.spec.heads as i64, scale);
    Ok(run(&mut session_on_gpu(&model, true)?, tensors(problem)?)?)
}

/// Its nodes must run on the GPU, or there is no session. With `plain`, those without modulation go through ONNX Runtime's own
/// attention.
fn session_on_gpu(model: &[u8], plain: bool) -> Result<Session> {
    let builder = Session::builder(&runtime::environment()?)?;
    let builder = builder.with_operators(attention::cuda_operator_domain(plain)?)?;
    let builder = builder.with_config_entry("session.disable_cpu_ep_fallback", "1")?;
    let mut builder = builder.with_execution_providers([CUDA::default().build().error_on_failure()])?;
    Ok(builder.commit_from_memory(model)?)
}

/// Each problem's error in units of max |V| beside what is allowed, or what went wrong.
fn compare<T: OnGpu>(kernel: &str, solve: impl Fn(&Problem<T>) -> Result<Vec<T>>) -> Vec<Value> {
    let element = common::name_of::<T>();
    let mut compared = Vec::new();
    for (seed, (name, spec)) in problems().into_iter().enumerate() {
        let problem = spec.problem::<T>(seed as u64);
        let result = match solve(&problem) {
            Ok(output) => {
                let error = common::error(&output, &problem.reference()) / problem.largest_value();
                // An infinite error (a NaN in the result) is no JSON number.
                let error = if error.is_finite() { error } else { f64::MAX };
                json!({"problem": name, "kernel": kernel, "error": error, "allowed": common::tolerance(element)})
            }
            Err(failure) => {
                json!({"problem": name, "kernel": kernel, "failure": failure.to_string()})
            }
        };
        compared.push(result);
    }
    compared
}

fn time_all<T: OnGpu + Pod>(gpu: &Gpu, kind: Kind) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    for spec in stable_diffusion() {
        let modulated = spec.problem::<T>(1);
        let plain = modulated.plain();
        let time = |problem: &Problem<T>| -> Result<f32> {
            let on_device = OnDevice::new(gpu, problem, kind)?;
            on_device.time(gpu, CALLS / 5)?;
            on_device.time(gpu, CALLS)
        };
        all.push(json!({
            "element": common::name_of::<T>(), "kernel": kind.name(), "batch": spec.batch, "heads": spec.heads, "queries": spec.queries,
            "keys": spec.keys, "head_size": spec.head_size,
            "modulated_ms": time(&modulated)?, "plain_ms": time(&plain)?,
        }));
    }
    Ok(all)
}
