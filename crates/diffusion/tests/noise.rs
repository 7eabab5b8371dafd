//! torch's noise, held against recorded draws.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recorded;

use diffusion::noise::TorchGenerator;
use recorded::{Recorded, assert_close, tolerance};

const SEEDS: [u64; 8] = [0, 1, 42, 381940206, 307504592, 114972190, (1 << 32) + 5, 999999999];

#[test]
fn every_size_and_seed_gives_torchs_values() {
    let recorded = Recorded::open("noise.safetensors");
    for (seed, size) in SEEDS.into_iter().flat_map(|seed| [1, 3, 15, 16, 17, 100].map(|size| (seed, size))) {
        let name = format!("seed_{seed}.size_{size}");
        let drawn = TorchGenerator::new(seed).randn(size);
        assert_close(&name, &drawn, &recorded.f32(&name), tolerance("/noise"));
    }
}

#[test]
fn latents_have_torchs_ends_and_sums() {
    let recorded = Recorded::open("noise.safetensors");
    for (seed, size) in SEEDS.into_iter().flat_map(|seed| [4 * 9 * 13, 4 * 64 * 64].map(|size| (seed, size)))
    {
        let name = format!("seed_{seed}.size_{size}");
        let drawn = TorchGenerator::new(seed).randn(size);
        assert_close(&name, &drawn[..64], &recorded.f32(&format!("{name}.first")), tolerance("/noise"));
        assert_close(&name, &drawn[size - 64..], &recorded.f32(&format!("{name}.last")), tolerance("/noise"));
        let sum: f64 = drawn.iter().map(|&v| f64::from(v)).sum();
        let squares: f64 = drawn.iter().map(|&v| f64::from(v).powi(2)).sum();
        let allowed = tolerance("/noise") * size as f64;
        assert!((sum - recorded.f64(&format!("{name}.sum"))[0]).abs() < allowed, "{name}");
        assert!(
            (squares - recorded.f64(&format!("{name}.sum_of_squares"))[0]).abs() < 10.0 * allowed,
            "{name}"
        );
    }
}

#[test]
fn draws_in_a_row_continue_where_the_last_ended() {
    let recorded = Recorded::open("noise.safetensors");
    let mut generator = TorchGenerator::new(42);
    for (i, size) in [5, 100, 3, 16, 1, 1000, 2, 468, 15, 17].into_iter().enumerate() {
        let name = format!("row.{i}");
        assert_close(&name, &generator.randn(size), &recorded.f32(&name), tolerance("/noise"));
    }
}
