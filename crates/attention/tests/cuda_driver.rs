//! All that leads to a launch, with `kernels/driver.cpp` in place of NVIDIA's driver: it is loaded by its name, takes the
//! fatbin, hands out the kernels, and runs what it is told to in plain C++.
#![cfg(target_os = "linux")]

mod common;

use std::process::Command;

use attention::cuda::driver::Driver;
use attention::cuda::launch::Kind;
use attention::cuda::memory::Gpu;
use attention::cuda::trial::trial;
use common::compiler::compile;
use common::device::{OnDevice, solve};
use common::problem::Spec;
use half::f16;

/// The loader reads its path when a process starts: the tests below run in one of their own.
#[test]
fn a_driver_is_found_by_its_name_and_told_all_that_a_kernel_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    compile("driver.cpp", &folder.path().join("libcuda.so.1"));
    let mut tests = Command::new(std::env::current_exe().expect("this program"));
    tests.args(["--ignored", "--test-threads=1", "with_the_driver"]);
    let output = tests.env("LD_LIBRARY_PATH", folder.path()).output().expect("this program");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("2 passed"), "{said}");
}

#[test]
#[ignore = "run by the first test, with a driver that stands in"]
fn with_the_driver_problems_are_solved() {
    let gpu = Gpu::open(0).expect("a GPU");
    let spec = Spec {
        batch: 2,
        heads: 3,
        queries: 70,
        keys: 77,
        head_size: 40,
        shared_regions: true,
        ..Spec::small()
    };
    let (single, half) = (spec.problem::<f32>(1), spec.problem::<f16>(2));
    let solved = solve(&gpu, &single, Kind::F32).expect("a result");
    common::assert_close("f32", &solved, &single.reference(), single.largest_value());
    for kind in [Kind::F16, Kind::F16Together] {
        let solved = solve(&gpu, &half, kind).expect("a result");
        common::assert_close(kind.name(), &solved, &half.reference(), half.largest_value());
    }
    trial(0).expect("each kind computes what it should");
    // Like NVIDIA's, the stand-in refuses a grid of no blocks: there must be no launch.
    let nothing = [Spec { queries: 0, ..spec.clone() }, Spec { batch: 0, ..spec }];
    for spec in nothing {
        assert!(solve(&gpu, &spec.problem::<f32>(3), Kind::F32).expect("a result").is_empty());
    }
    // The stand-in's clock always says 6 ms.
    let time = OnDevice::new(&gpu, &single, Kind::F32).and_then(|call| call.time(&gpu, 3)).expect("a time");
    assert!((time - 2.0).abs() < 1e-6, "the mean of 3 calls in 6 ms, {time}");
}

#[test]
#[ignore = "run by the first test, with a driver that stands in"]
fn with_the_driver_a_card_that_is_not_there_is_an_error_in_its_words() {
    let driver = Driver::get().expect("a driver");
    assert_eq!(driver.devices().expect("a number"), 1);
    assert!(driver.has_warpgroups(), "the stand-in says that it is a Hopper");
    assert_eq!(driver.name(0).expect("a name"), "no GPU");
    let error = Gpu::open(1).err().expect("no such card").to_string();
    assert!(error.contains("cuDeviceGet") && error.contains("invalid device ordinal (error 101)"), "{error}");
}
