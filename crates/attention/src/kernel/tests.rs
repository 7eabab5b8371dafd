//! The vector code for every kind of CPU that this one can run. (Integration tests run the widest.)

use pulp::Arch;

use super::attend_with;
use crate::{Inputs, Tensor, Tensors, reference};

/// Every set of vector instructions that this CPU has.
fn archs() -> Vec<Arch> {
    let mut archs = vec![Arch::Scalar, Arch::new()];
    #[cfg(target_arch = "x86_64")]
    archs.extend(pulp::x86::V3::try_new().map(Arch::V3));
    archs
}

/// Values in -2..2 without a pattern.
fn noise(len: usize, seed: u32) -> Vec<f32> {
    (0..len as u32)
        .map(|i| ((i + seed).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 22) as f32 - 2.0)
        .collect()
}

#[test]
fn every_set_of_vector_instructions_agrees_with_the_reference() {
    for (n, m, d) in [(1, 1, 8), (7, 5, 9), (64, 77, 40), (70, 131, 64), (13, 300, 160)] {
        let (query, key, value) = (noise(n * 2 * d, 1), noise(m * 2 * d, 2), noise(m * 2 * d, 3));
        let query_regions: Vec<i32> = (0..n).map(|i| [1, 2, 0, i32::MIN][i / 3 % 4]).collect();
        let key_regions: Vec<i32> = (0..m).map(|j| [0, 3, 1, i32::MIN, 2][j / 2 % 5]).collect();
        let strength: Vec<f32> = (0..n).map(|i| [0.3, 0.0, 1.0, 1.82, -2.5][i % 5]).collect();
        let [q, k] = [n, m].map(|rows| [1, rows as i64, 2 * d as i64]);
        let tensors = Tensors {
            query: Tensor { shape: &q, data: &query },
            key: Tensor { shape: &k, data: &key },
            value: Tensor { shape: &k, data: &value },
            query_regions: Tensor { shape: &q[..2], data: &query_regions },
            key_regions: Tensor { shape: &k[..2], data: &key_regions },
            strength: Tensor { shape: &q[..2], data: &strength },
        };
        let inputs = Inputs::new(&tensors, 2, 0.0).expect("shapes that fit");
        let expected = reference::attend(&inputs);
        for arch in archs() {
            let mut output = vec![f32::NAN; query.len()];
            attend_with(arch, &inputs, &mut output, 1, |tasks, task| (0..tasks).for_each(task));
            for (x, expected) in output.iter().zip(&expected) {
                assert!(
                    (f64::from(*x) - expected).abs() <= 2e-5,
                    "{arch:?}, {n} x {m}, d {d}: {x}, {expected}"
                );
            }
        }
    }
}
