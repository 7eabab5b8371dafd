//! The one set of problems that every form of the operator is tried on.

use super::problem::{Regions, Size, Spec, Strength};

/// Each with its name. Sizes: batch 0..4, heads 1..10, 0..4096 queries, 1..4096 keys, head sizes 8..160.
pub fn problems() -> Vec<(&'static str, Spec)> {
    use Regions::{AllInside, AllOutside, CrossAttention};
    let small = Spec::small();
    let cross = Spec { regions: CrossAttention, keys: 77, ..small.clone() };
    vec![
        ("small self-attention", small.clone()),
        ("small cross-attention", cross.clone()),
        ("one query, one key", Spec { queries: 1, keys: 1, ..small.clone() }),
        ("one query", Spec { queries: 1, keys: 130, ..cross.clone() }),
        ("one key", Spec { queries: 130, keys: 1, ..cross.clone() }),
        ("one vector of keys", Spec { keys: 16, ..cross.clone() }),
        ("odd sizes", Spec { batch: 3, heads: 3, queries: 131, keys: 67, head_size: 9, ..cross.clone() }),
        (
            "four in a batch",
            Spec { batch: 4, heads: 1, queries: 65, keys: 65, head_size: 40, ..small.clone() },
        ),
        ("shared regions", Spec { batch: 2, shared_regions: true, ..small.clone() }),
        ("ten heads", Spec { heads: 10, queries: 64, keys: 64, head_size: 64, ..small.clone() }),
        ("wide heads", Spec { queries: 64, keys: 77, head_size: 160, ..cross.clone() }),
        ("strength 0", Spec { strength: Strength::Uniform(0.0), ..small.clone() }),
        ("strength 0.3", Spec { strength: Strength::Uniform(0.3), ..cross.clone() }),
        ("strength 1", Spec { strength: Strength::Uniform(1.0), ..small.clone() }),
        ("strength 1.82", Spec { strength: Strength::Uniform(1.82), ..cross.clone() }),
        ("strength 2", Spec { strength: Strength::Uniform(2.0), ..small.clone() }),
        ("constant 0.7", Spec { strength: Strength::Uniform(-0.7), ..cross.clone() }),
        ("constant 8, given scale", Spec { strength: Strength::Uniform(-8.0), scale: 0.7, ..small.clone() }),
        (
            "constant, all inside",
            Spec { regions: AllInside, strength: Strength::Uniform(-3.0), ..small.clone() },
        ),
        (
            "constant, all outside",
            Spec { regions: AllOutside, strength: Strength::Uniform(-3.0), ..small.clone() },
        ),
        ("all inside", Spec { regions: AllInside, ..small.clone() }),
        ("all outside", Spec { regions: AllOutside, ..small.clone() }),
        (
            "all outside, overshooting",
            Spec { regions: AllOutside, strength: Strength::Uniform(1.9), ..small.clone() },
        ),
        ("given scale", Spec { scale: 0.7, ..cross.clone() }),
        ("negative scale", Spec { scale: -0.7, head_size: 40, ..small.clone() }),
        (
            "rising logits",
            Spec { size: Size::Rising(60.0), queries: 70, keys: 300, head_size: 40, ..small.clone() },
        ),
        (
            "rising logits, plain",
            Spec {
                size: Size::Rising(60.0),
                keys: 300,
                head_size: 160,
                strength: Strength::Uniform(0.0),
                ..small.clone()
            },
        ),
        ("large logits", Spec { size: Size::Logits(30.0), head_size: 40, ..small.clone() }),
        (
            "large logits, wide heads",
            Spec { size: Size::Logits(30.0), queries: 100, head_size: 160, ..cross.clone() },
        ),
        (
            "large logits, many keys",
            Spec { size: Size::Logits(30.0), queries: 257, keys: 1021, head_size: 40, ..small.clone() },
        ),
        (
            "large logits, strength 2",
            Spec {
                size: Size::Logits(30.0),
                strength: Strength::Uniform(2.0),
                head_size: 80,
                ..small.clone()
            },
        ),
        (
            "32x32 pixels",
            Spec {
                batch: 2,
                heads: 2,
                queries: 1024,
                keys: 1024,
                head_size: 80,
                shared_regions: true,
                ..small.clone()
            },
        ),
        ("64x64 pixels", Spec { heads: 1, queries: 4096, keys: 4096, head_size: 40, ..small.clone() }),
        ("64x64 pixels, tokens", Spec { batch: 2, queries: 4096, keys: 77, head_size: 40, ..cross.clone() }),
        ("one query, many keys", Spec { queries: 1, keys: 4096, ..small.clone() }),
        ("one key, many queries", Spec { queries: 4095, keys: 1, ..small.clone() }),
        ("no query", Spec { batch: 2, queries: 0, shared_regions: true, ..cross }),
        ("no batch item", Spec { batch: 0, ..small }),
    ]
}
