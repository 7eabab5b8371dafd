//! The GPU kernels' source, compiled as C++ for this machine's processor, beside the reference.
//!
//! This shows that their arithmetic, the layout of their tiles and what the host tells them are right. It is no run on
//! a GPU: NVIDIA's instructions themselves are stood in for by `kernels/host.h`.
#![cfg(unix)]
#![allow(unsafe_code, reason = "calls what the C++ compiler made")]

mod common;

use std::ffi::c_char;
use std::sync::OnceLock;

use attention::Shapes;
use attention::cuda::launch::{Kind, Launch, LaunchError, OnGpu, Pointers, Problem as Parameter, THREADS};
use common::compiler::compile;
use common::problem::{Problem, Spec, Strength};
use common::problems::problems;
use half::f16;
use libloading::{Library, Symbol};

type RunOnHost = unsafe extern "C" fn(*const c_char, *const Parameter, i32, i32, i32, i32, bool) -> bool;

/// The kernels as a library.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("libkernels.so");
        compile("host.cpp", &library);
        // SAFETY: the library is ours, and runs nothing when it is loaded.
        unsafe { Library::new(&library) }.expect("the library")
    })
}

/// The call for a problem whose tensors lie in this process's memory.
fn launch<T: OnGpu>(problem: &Problem<T>, kind: Kind, output: &mut [T]) -> Result<Launch, LaunchError> {
    let [query, key, value, query_regions, key_regions, strength] = &problem.shapes;
    let shapes = Shapes { query, key, value, query_regions, key_regions, strength };
    let (dimensions, scale) = shapes.check(problem.spec.heads as i64, problem.spec.scale).expect("shapes");
    let pointers = Pointers {
        inputs: [
            problem.query.as_ptr().cast(),
            problem.key.as_ptr().cast(),
            problem.value.as_ptr().cast(),
            problem.query_regions.as_ptr().cast(),
            problem.key_regions.as_ptr().cast(),
            problem.strength.as_ptr().cast(),
        ],
        output: output.as_mut_ptr().cast(),
    };
    Launch::new(kind, dimensions, scale, &shapes, pointers)
}

/// What the kernels of this kind make of a problem; copies to shared memory are made at the last moment, or else at once.
fn solve<T: OnGpu>(library: &Library, problem: &Problem<T>, kind: Kind, copies_late: bool) -> Vec<T> {
    let mut output = vec![T::from_f32(f32::NAN); problem.query.len()];
    let launch = launch(problem, kind, &mut output).expect("a launch");
    // As `Driver::launch` does.
    if launch.grid.contains(&0) {
        return output;
    }
    // SAFETY: host.cpp defines a function of this name and type; the pointers are those of live vectors.
    let known = unsafe {
        let run: Symbol<'_, RunOnHost> = library.get(b"run_on_host").expect("run_on_host");
        let [blocks, heads] = launch.grid.map(|size| size as i32);
        let shared = launch.shared_memory as i32;
        run(launch.kernel().as_ptr(), &launch.problem, blocks, heads, THREADS as i32, shared, copies_late)
    };
    assert!(known, "no kernel for head size {}", launch.head_size);
    output
}

fn compare_all<T: OnGpu>(kind: Kind) {
    let library = library();
    for (seed, (name, spec)) in problems().into_iter().enumerate() {
        if spec.logits() > common::MOST_LOGITS && common::name_of::<T>() != "f32" {
            continue;
        }
        let problem = spec.problem::<T>(seed as u64);
        common::assert_close(
            name,
            &solve(library, &problem, kind, seed % 2 == 0),
            &problem.reference(),
            problem.largest_value(),
        );
    }
}

#[test]
fn the_gpu_kernels_arithmetic_agrees_with_the_reference_in_f32() {
    compare_all::<f32>(Kind::F32);
}

#[test]
fn the_gpu_kernels_arithmetic_agrees_with_the_reference_in_f16() {
    compare_all::<f16>(Kind::F16);
}

#[test]
fn the_arithmetic_on_hoppers_warpgroups_agrees_with_the_reference() {
    compare_all::<f16>(Kind::F16Together);
}

#[test]
fn head_sizes_on_both_sides_of_each_limit_find_their_kernel() {
    let library = library();
    for head_size in [1, 8, 31, 32, 33, 40, 48, 49, 64, 72, 80, 81, 127, 128, 129, 159, 160] {
        let spec = Spec { head_size, queries: 35, keys: 37, ..Spec::small() };
        let (single, half) = (spec.problem::<f32>(head_size as u64), spec.problem::<f16>(head_size as u64));
        let name = format!("head size {head_size}");
        let solved = solve(library, &single, Kind::F32, true);
        common::assert_close(&name, &solved, &single.reference(), single.largest_value());
        for kind in [Kind::F16, Kind::F16Together] {
            for copies_late in [false, true] {
                let solved = solve(library, &half, kind, copies_late);
                common::assert_close(&name, &solved, &half.reference(), half.largest_value());
            }
        }
    }
}

#[test]
fn a_strength_that_is_not_a_number_is_not_hidden() {
    let library = library();
    let problem = Spec { strength: Strength::Uniform(f32::NAN), ..Spec::small() }.problem::<f16>(1);
    for kind in [Kind::F16, Kind::F16Together] {
        assert!(solve(library, &problem, kind, true).into_iter().all(f16::is_nan));
    }
}

#[test]
fn the_parameter_has_the_size_that_the_kernels_expect() {
    let library = library();
    // SAFETY: host.cpp defines a function of this name and type.
    let size = unsafe {
        let size: Symbol<'_, unsafe extern "C" fn() -> u32> =
            library.get(b"parameter_size").expect("a function");
        size()
    };
    assert_eq!(size as usize, size_of::<Parameter>());
}

#[test]
fn larger_heads_are_refused_with_a_reason() {
    let problem = Spec { head_size: 161, heads: 1, ..Spec::small() }.problem::<f16>(1);
    let error = launch(&problem, Kind::F16, &mut []).expect_err("no kernel");
    assert!(error.to_string().contains("head size 161, the largest possible is 160"), "{error}");
}

#[test]
fn a_batch_with_too_many_heads_is_refused_with_a_reason() {
    let problem =
        Spec { batch: 2, heads: 32768, head_size: 1, queries: 1, keys: 1, ..Spec::small() }.problem::<f32>(1);
    let error = launch(&problem, Kind::F16, &mut []).expect_err("too many");
    assert!(error.to_string().contains("batch x heads = 65536"), "{error}");
}
