//! Inputs that do not fit together: an error with one clear line, in the library and through ONNX Runtime.

mod common;

use attention::ShapeError;
use common::problem::{Problem, Spec};
use common::session::{Form, data_type, model, session, solve};

/// A change to a sound problem, and what the message must contain.
type Case = (fn(&mut Problem<f32>), &'static str);

const CASES: [Case; 9] = [
    (|p| reshape(p, 0, &[33, 16]), "Q has shape [33, 16], expected [batch, queries, heads * head size]"),
    (|p| reshape(p, 1, &[33, 16]), "K has shape [33, 16], expected [batch, keys, heads * head size]"),
    (|p| reshape(p, 1, &[1, 66, 8]), "K has shape [1, 66, 8], expected [1, 66, 16]"),
    (|p| reshape(p, 2, &[1, 11, 48]), "V has shape [1, 11, 48], expected [1, 33, 16]"),
    (|p| reshape(p, 3, &[33, 1]), "query_regions has shape [33, 1], expected [1, 33]"),
    (|p| reshape(p, 4, &[3, 11]), "key_regions has shape [3, 11], expected [1, 33]"),
    (|p| reshape(p, 5, &[33]), "strength has shape [33], expected [1, 33]"),
    (|p| resize(p, 5, &[1, 32]), "strength has shape [1, 32], expected [1, 33]"),
    (|p| resize(p, 4, &[2, 33]), "key_regions has shape [2, 33], expected [1, 33]"),
];

fn reshape(problem: &mut Problem<f32>, input: usize, shape: &[i64]) {
    problem.shapes[input] = shape.to_vec();
}

fn resize(problem: &mut Problem<f32>, input: usize, shape: &[i64]) {
    reshape(problem, input, shape);
    let len = shape.iter().product::<i64>() as usize;
    problem.strength.resize(if input == 5 { len } else { problem.strength.len() }, 0.0);
    problem.key_regions.resize(if input == 4 { len } else { problem.key_regions.len() }, 0);
}

#[test]
fn inputs_of_the_wrong_shape_are_named() {
    for (change, expected) in CASES {
        let mut problem = Spec::small().problem(0);
        change(&mut problem);
        let error = problem.try_inputs().expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}, expected {expected}");
    }
}

#[test]
fn a_batch_of_regions_may_be_one_or_the_whole_batch() {
    let mut problem = Spec { batch: 3, ..Spec::small() }.problem::<f32>(0);
    assert!(problem.try_inputs().is_ok());
    problem.query_regions.truncate(2 * 33);
    problem.shapes[3] = vec![2, 33];
    let error = problem.try_inputs().expect_err("two rows of regions for a batch of three");
    assert_eq!(
        error.to_string(),
        "ModulatedAttention: query_regions has shape [2, 33], expected [3, 33] or [1, 33]"
    );
}

#[test]
fn a_shape_that_promises_more_elements_than_there_are_is_an_error() {
    let mut problem = Spec::small().problem::<f32>(0);
    problem.query.pop();
    assert!(matches!(problem.try_inputs(), Err(ShapeError::Shape { input: "Q", .. })));
}

#[test]
fn heads_that_do_not_divide_the_width_are_an_error() {
    for heads in [0, 3, 17] {
        let mut problem = Spec::small().problem::<f32>(0);
        problem.spec.heads = heads;
        let error = problem.try_inputs().expect_err("heads");
        assert_eq!(error, ShapeError::Heads { width: 16, num_heads: heads as i64 });
    }
}

#[test]
fn a_scale_that_is_no_number_is_an_error() {
    let mut problem = Spec::small().problem::<f32>(0);
    problem.spec.scale = f32::NAN;
    assert!(matches!(problem.try_inputs(), Err(ShapeError::Scale(_))));
}

#[test]
fn onnx_runtime_passes_our_errors_on_and_lives() {
    let model = model(data_type::<f32>(), Form::Kernel, 2, None);
    let mut session = session(&model, Form::Kernel).expect("a session");
    for (change, expected) in CASES {
        let mut problem = Spec::small().problem(0);
        change(&mut problem);
        let error = solve(&mut session, &problem).expect_err(expected).to_string();
        // A wrong rank is found by ONNX Runtime itself, against the model's declared inputs.
        assert!(error.contains(expected) || error.contains("Invalid rank"), "{error}, expected {expected}");
    }
    let problem = Spec::small().problem::<f32>(0);
    let output = solve(&mut session, &problem).expect("the session still works");
    common::assert_close("after errors", &output, &problem.reference(), problem.largest_value());
}

#[test]
fn onnx_runtime_refuses_heads_that_do_not_divide_the_width() {
    let model = model(data_type::<f32>(), Form::Kernel, 3, None);
    let mut session = session(&model, Form::Kernel).expect("a session");
    let error = solve(&mut session, &Spec::small().problem::<f32>(0)).expect_err("3 heads of 16").to_string();
    assert!(error.contains("width 16 of Q, K and V cannot be split into num_heads = 3 heads"), "{error}");
}
