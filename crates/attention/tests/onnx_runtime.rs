//! The operator through ONNX Runtime, as function and as kernel, beside the reference.

mod common;

use attention::Element;
use common::problems::problems;
use common::session::{Form, data_type, model, session, solve};
use half::{bf16, f16};

fn compare_all<T: Element + std::fmt::Debug>(form: Form) {
    for (seed, (name, spec)) in problems().into_iter().enumerate() {
        if spec.logits() > common::MOST_LOGITS && (form, common::name_of::<T>()) != (Form::Kernel, "f32") {
            continue;
        }
        let scale = (spec.scale != 0.0).then_some(spec.scale);
        let model = model(data_type::<T>(), form, spec.heads as i64, scale);
        let mut session = session(&model, form).expect(name);
        let problem = spec.problem::<T>(seed as u64);
        let output = solve(&mut session, &problem).expect(name);
        common::assert_close(name, &output, &problem.reference(), problem.largest_value());
    }
}

#[test]
fn the_function_agrees_with_the_reference_in_f32() {
    compare_all::<f32>(Form::Function);
}

#[test]
fn the_function_agrees_with_the_reference_in_f16() {
    compare_all::<f16>(Form::Function);
}

#[test]
fn the_function_agrees_with_the_reference_in_bf16() {
    compare_all::<bf16>(Form::Function);
}

#[test]
fn the_op_agrees_with_the_reference_in_f32() {
    compare_all::<f32>(Form::Kernel);
}

#[test]
fn the_op_agrees_with_the_reference_in_f16() {
    compare_all::<f16>(Form::Kernel);
}

#[test]
fn the_op_agrees_with_the_reference_in_bf16() {
    compare_all::<bf16>(Form::Both);
}
