//! The fused kernel beside the reference.

mod common;

use attention::Element;
use common::problems::problems;
use half::{bf16, f16};

fn compare_all<T: Element>() {
    for (seed, (name, spec)) in problems().into_iter().enumerate() {
        if spec.logits() > common::MOST_LOGITS && common::name_of::<T>() != "f32" {
            continue;
        }
        let problem = spec.problem::<T>(seed as u64);
        common::assert_close(name, &problem.kernel(), &problem.reference(), problem.largest_value());
    }
}

#[test]
fn the_kernel_agrees_with_the_reference_in_f32() {
    compare_all::<f32>();
}

#[test]
fn the_kernel_agrees_with_the_reference_in_f16() {
    compare_all::<f16>();
}

#[test]
fn the_kernel_agrees_with_the_reference_in_bf16() {
    compare_all::<bf16>();
}
