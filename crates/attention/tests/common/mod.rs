//! What the tests of all forms of the operator share: the problems, the tolerances and the comparison.
#![allow(dead_code, reason = "each test binary uses a part")]

pub mod compiler;
pub mod device;
pub mod problem;
pub mod problems;
pub mod session;
#[path = "../../../../fixtures/tolerance.rs"]
mod tolerances;

use attention::Element;

/// The largest allowed error of an element type, in units of max |V|.
pub fn tolerance(element: &str) -> f64 {
    tolerances::tolerance(&format!("/op/{element}"))
}

/// The most logits of a problem that is solved in every form and type; the larger ones only by the kernel in f32,
/// because the reference takes seconds for each of them.
pub const MOST_LOGITS: usize = 1 << 21;

/// An element type's name in `fixtures/tolerances.json`.
pub fn name_of<T: Element>() -> &'static str {
    match std::any::type_name::<T>().rsplit("::").next() {
        Some("f32") => "f32",
        Some("f16") => "f16",
        Some("bf16") => "bf16",
        other => panic!("no element type {other:?}"),
    }
}

/// Asserts that a result is within the tolerance of the reference.
pub fn assert_close<T: Element>(what: &str, output: &[T], reference: &[f64], largest_value: f64) {
    assert_eq!(output.len(), reference.len(), "{what}: length");
    let error = error(output, reference) / largest_value;
    let element = name_of::<T>();
    let tolerance = tolerance(element);
    assert!(error <= tolerance, "{what}, {element}: error {error:.2e} x max |V|, allowed {tolerance:.1e}");
}

/// The largest absolute error; infinite if there is a NaN.
pub fn error<T: Element>(output: &[T], reference: &[f64]) -> f64 {
    let errors =
        output.iter().zip(reference).map(|(out, expected)| (f64::from(out.to_f32()) - expected).abs());
    errors.fold(0.0, |worst, error| if error.is_nan() { f64::INFINITY } else { worst.max(error) })
}
