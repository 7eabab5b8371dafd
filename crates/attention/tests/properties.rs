//! What must hold for any inputs.

mod common;

use attention::Element;
use common::problem::{Problem, Random, Regions, Size, Spec, Strength};
use half::{bf16, f16};
use proptest::prelude::*;

/// Small problems of any kind.
fn spec() -> impl Strategy<Value = Spec> {
    let regions = prop_oneof![
        Just(Regions::SelfAttention),
        Just(Regions::CrossAttention),
        Just(Regions::AllInside),
        Just(Regions::AllOutside)
    ];
    let sizes = (1..4_usize, 1..4_usize, 1..100_usize, 1..100_usize, 1..48_usize);
    (sizes, regions, any::<bool>(), 0.1_f32..30.0).prop_map(|(sizes, regions, shared_regions, logits)| {
        let (batch, heads, queries, keys, head_size) = sizes;
        let size = Size::Logits(logits);
        Spec { batch, heads, queries, keys, head_size, regions, shared_regions, size, ..Spec::small() }
    })
}

/// Inputs of any finite size, up to the largest of the type.
fn extreme(largest: f32) -> impl Strategy<Value = (Spec, u64)> {
    let strength = prop_oneof![Just(Strength::Mixed), (0.0_f32..2.0).prop_map(Strength::Uniform)];
    (spec(), strength, -38.0_f32..=0.0, any::<u64>()).prop_map(move |(spec, strength, exponent, seed)| {
        let size = Size::Extreme((largest * 10_f32.powf(exponent)).max(f32::MIN_POSITIVE));
        (Spec { size, strength, ..spec }, seed)
    })
}

fn assert_finite<T: Element>(spec: &Spec, seed: u64) {
    let problem = spec.problem::<T>(seed);
    let output = problem.kernel();
    let largest = problem.largest_value() * (1.0 + common::tolerance(common::name_of::<T>()));
    for x in output {
        // An average of values is no larger than the largest of them; this also fails for NaN.
        assert!(f64::from(x.to_f32()).abs() <= largest, "{} in {spec:?}", x.to_f32());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_problem_agrees_with_the_reference(spec in spec(), seed: u64) {
        let problem = spec.problem::<f32>(seed);
        common::assert_close("any", &problem.kernel(), &problem.reference(), problem.largest_value());
    }

    #[test]
    fn strength_0_is_plain_attention(spec in spec(), seed: u64) {
        let spec = Spec { strength: Strength::Uniform(0.0), ..spec };
        let problem = spec.problem::<f32>(seed);
        let plain = plain_attention(&problem);
        common::assert_close("kernel", &problem.kernel(), &plain, problem.largest_value());
        prop_assert!(common::error(&plain.iter().map(|&x| x as f32).collect::<Vec<_>>(), &problem.reference())
            <= 1e-6 * problem.largest_value());
    }

    #[test]
    fn the_order_of_the_keys_does_not_matter(spec in spec(), seed: u64) {
        let problem = spec.problem::<f32>(seed);
        let permuted = permute_keys(&problem, seed);
        let expected: Vec<f64> = problem.kernel().into_iter().map(f64::from).collect();
        // Both are within the tolerance of the one truth.
        let allowed = 2.0 * common::tolerance("f32") * problem.largest_value();
        prop_assert!(common::error(&permuted.kernel(), &expected) <= allowed);
    }

    #[test]
    fn strength_1_weighs_all_keys_of_a_group_alike(spec in spec(), seed: u64) {
        let spec = Spec { strength: Strength::Uniform(1.0), ..spec };
        let mut problem = spec.problem::<f32>(seed);
        // One group holds the value 1 and the other 0: the result is the group's weight, whatever its keys are. With
        // the values of two keys of one group exchanged, the result stays the same.
        let before: Vec<f64> = problem.kernel().into_iter().map(f64::from).collect();
        let largest = problem.largest_value();
        rotate_values_within_groups(&mut problem);
        prop_assert!(common::error(&problem.kernel(), &before) <= 2.0 * common::tolerance("f32") * largest);
    }

    #[test]
    fn a_negative_strength_multiplies_the_odds_of_the_keys_inside(spec in spec(), constant in 0.001_f32..4.0, seed: u64) {
        let mut problem = spec.problem::<f32>(seed);
        inside_or_outside_by_value(&mut problem);
        problem.strength.fill(0.0);
        let plain = problem.kernel();
        problem.strength.fill(-constant);
        // exp(c) inside and exp(-c) outside: the odds grow by exp(2 c), whatever the logits are.
        let factor = f64::from(2.0 * constant).exp();
        let expected: Vec<f64> =
            plain.into_iter().map(f64::from).map(|p| factor * p / (factor * p + 1.0 - p)).collect();
        // The plain weight's own error grows by that factor at most.
        prop_assert!(common::error(&problem.kernel(), &expected) <= (1.0 + factor) * common::tolerance("f32"));
    }

    #[test]
    fn no_finite_f32_input_makes_a_nan((spec, seed) in extreme(f32::MAX)) {
        assert_finite::<f32>(&spec, seed);
    }

    #[test]
    fn no_finite_f16_input_makes_a_nan((spec, seed) in extreme(65504.0)) {
        assert_finite::<f16>(&spec, seed);
    }

    #[test]
    fn no_finite_bf16_input_makes_a_nan((spec, seed) in extreme(3.3895e38)) {
        assert_finite::<bf16>(&spec, seed);
    }
}

/// softmax(scale Q K^T) V, written without the operator's code.
fn plain_attention(problem: &Problem<f32>) -> Vec<f64> {
    let Spec { batch, heads, queries, keys, head_size, .. } = problem.spec;
    let at =
        |data: &[f32], row: usize, h: usize, e: usize| f64::from(data[(row * heads + h) * head_size + e]);
    let mut output = Vec::with_capacity(problem.query.len());
    for (b, i, h) in
        (0..batch).flat_map(|b| (0..queries).flat_map(move |i| (0..heads).map(move |h| (b, i, h))))
    {
        let logit = |j: usize| {
            let terms = (0..head_size)
                .map(|e| at(&problem.query, b * queries + i, h, e) * at(&problem.key, b * keys + j, h, e));
            terms.sum::<f64>() * f64::from((1.0 / (head_size as f64).sqrt()) as f32)
        };
        let logits: Vec<f64> = (0..keys).map(logit).collect();
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|x| (x - max).exp()).sum();
        for e in 0..head_size {
            let terms = logits
                .iter()
                .enumerate()
                .map(|(j, x)| (x - max).exp() * at(&problem.value, b * keys + j, h, e));
            output.push(terms.sum::<f64>() / sum);
        }
    }
    output
}

/// The keys of every batch item in another order, their values and regions with them.
fn permute_keys(problem: &Problem<f32>, seed: u64) -> Problem<f32> {
    let keys = problem.spec.keys;
    let width = problem.spec.heads * problem.spec.head_size;
    let mut order: Vec<usize> = (0..keys).collect();
    let mut random = Random(seed);
    for j in (1..keys).rev() {
        order.swap(j, random.below(j + 1));
    }
    let rows = |data: &[f32]| -> Vec<f32> {
        let items = data.chunks(keys * width);
        items.flat_map(|item| order.iter().flat_map(|&j| item[j * width..][..width].to_vec())).collect()
    };
    let regions = problem.key_regions.chunks(keys).flat_map(|item| order.iter().map(|&j| item[j])).collect();
    Problem { key: rows(&problem.key), value: rows(&problem.value), key_regions: regions, ..problem.clone() }
}

/// Every query in one region, every other key inside it; values of 1 inside and of 0 outside make the result the weight
/// of the keys inside.
fn inside_or_outside_by_value(problem: &mut Problem<f32>) {
    let (keys, width) = (problem.spec.keys, problem.spec.heads * problem.spec.head_size);
    problem.query_regions.fill(1);
    problem.key_regions.iter_mut().enumerate().for_each(|(j, set)| *set = i32::from(j % keys % 2 == 0));
    for (j, row) in problem.value.chunks_mut(width).enumerate() {
        row.fill(if j % keys % 2 == 0 { 1.0 } else { 0.0 });
    }
}

/// Moves each value to the next key of the same region set.
fn rotate_values_within_groups(problem: &mut Problem<f32>) {
    let keys = problem.spec.keys;
    let width = problem.spec.heads * problem.spec.head_size;
    for (b, item) in problem.value.chunks_mut(keys * width).enumerate() {
        let start = if problem.spec.shared_regions { 0 } else { b * keys };
        let regions = &problem.key_regions[start..][..keys];
        let old = item.to_vec();
        for j in 0..keys {
            let next = (j + 1..keys).chain(0..=j).find(|&other| regions[other] == regions[j]).unwrap_or(j);
            item[next * width..][..width].copy_from_slice(&old[j * width..][..width]);
        }
    }
}
