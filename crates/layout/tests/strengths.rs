//! The strengths against hand calculations and a plain transcription of the original's arithmetic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{Layout, LevelMasks, MaskMode, Modulation, ModulationSettings, NONE, RegionSettings};
use proptest::prelude::*;

fn modulation(change: impl FnOnce(&mut ModulationSettings)) -> Modulation {
    let mut settings = ModulationSettings::default();
    change(&mut settings);
    Modulation::new(settings).unwrap()
}

fn one_level(width: u32, pixels: Vec<u8>, mode: MaskMode) -> LevelMasks {
    let height = pixels.len() as u32 / width;
    let layout = Layout::new(width, height, 3, pixels).unwrap();
    LevelMasks::new(&layout, (height as usize, width as usize), 1, mode).unwrap()
}

#[test]
fn fifteen_of_fifty_steps_are_modulated_by_default() {
    let count =
        |modulation: &Modulation, steps| (0..steps).filter(|&k| modulation.is_modulated(k, steps)).count();
    let default = Modulation::default();
    // Python: sum(k < 0.3 * n for k in range(n)).
    for (steps, modulated) in [(50, 15), (10, 3), (30, 9), (1, 1), (7, 3), (1000, 300)] {
        assert_eq!(count(&default, steps), modulated, "{steps} steps");
    }
    // Python: 0.28 * 25 is 7.000000000000001, so step 7 is modulated too.
    assert_eq!(count(&modulation(|s| s.modulated_fraction = 0.28), 25), 8);
    assert_eq!(count(&modulation(|s| s.modulated_fraction = 0.0), 20), 0);
    assert_eq!(count(&modulation(|s| s.modulated_fraction = 1.0), 20), 20);
}

#[test]
fn the_formula_holds_for_numbers_worked_out_by_hand() {
    let masks = one_level(4, vec![0, 0, 0, 1], MaskMode::Nearest);
    let step = modulation(|s| s.size_adjust = 0.8).strengths(&masks, 0, 50, 500.0);
    // (1/2)^5 = 1/32; background: 1 - 0.8 * 3/4 = 0.4; region 1: 1 - 0.8 / 4 = 0.8.
    assert_eq!(step.levels[0].cross_attention, [0.0125, 0.0125, 0.0125, 0.025]);
    assert_eq!(step.levels[0].self_attention, [0.00375, 0.00375, 0.00375, 0.0075]);
    assert!(step.any);
}

#[test]
fn after_the_modulated_steps_all_is_zero() {
    let masks = one_level(2, vec![0, 1], MaskMode::Nearest);
    let step = Modulation::default().strengths(&masks, 15, 50, 681.0);
    assert!(!step.any);
    assert_eq!(step.levels[0].cross_attention, [0.0, 0.0]);
    // A degree of 0 in one kind of attention leaves the other.
    let step = modulation(|s| s.w_self = 0.0).strengths(&masks, 14, 50, 701.0);
    assert!(step.any && step.levels[0].self_attention == [0.0, 0.0]);
}

#[test]
fn a_cell_in_no_region_is_modulated_in_full() {
    let masks = one_level(2, vec![NONE, 1], MaskMode::Nearest);
    let step = modulation(|s| s.regions = vec![weight(0.5); 2]).strengths(&masks, 0, 50, 1000.0);
    assert_eq!(step.levels[0].cross_attention, [1.0, 0.25]);
}

fn weight(weight: f64) -> RegionSettings {
    RegionSettings { weight, ..RegionSettings::default() }
}

#[test]
fn a_region_is_modulated_in_its_own_steps_alone() {
    let masks = one_level(2, vec![0, 1], MaskMode::Nearest);
    let windowed = modulation(|s| {
        s.modulated_fraction = 1.0;
        s.size_adjust = 0.0;
        s.regions = vec![RegionSettings::default(), RegionSettings { weight: 1.5, start: 0.2, end: 0.6 }];
    });
    let strengths = |step| windowed.strengths(&masks, step, 10, 1000.0).levels[0].cross_attention.clone();
    for (step, second) in [(0, 0.0), (1, 0.0), (2, 1.5), (5, 1.5), (6, 0.0), (9, 0.0)] {
        assert_eq!(strengths(step), [1.0, second], "step {step}");
    }
}

#[test]
fn a_cell_of_two_regions_has_the_larger_weight_of_those_active() {
    // A single row of eight pixels to two cells: region 2 vanishes and joins the first.
    let layout = Layout::new(8, 1, 3, vec![0, 2, 0, 0, 1, 1, 1, 1]).unwrap();
    let masks = LevelMasks::new(&layout, (1, 2), 1, MaskMode::KeepThin).unwrap();
    assert_eq!(masks.levels[0].regions, [0b101, 0b010]);
    let windowed = modulation(|s| {
        s.modulated_fraction = 1.0;
        s.size_adjust = 0.0;
        let late = RegionSettings { start: 0.5, ..weight(2.0) };
        s.regions = vec![weight(0.5), weight(1.0), late];
    });
    assert_eq!(windowed.strengths(&masks, 0, 2, 1000.0).levels[0].cross_attention, [0.5, 1.0]);
    assert_eq!(windowed.strengths(&masks, 1, 2, 1000.0).levels[0].cross_attention, [2.0, 1.0]);
}

#[test]
fn a_constant_gives_the_same_strengths_times_minus_itself() {
    let masks = one_level(4, vec![0, 0, 0, 1], MaskMode::Nearest);
    let with = modulation(|s| (s.size_adjust, s.constant) = (0.8, Some(4.0))).strengths(&masks, 0, 50, 500.0);
    assert_eq!(with.levels[0].cross_attention, [-0.05, -0.05, -0.05, -0.1]);
    assert!(with.any);
}

#[test]
fn settings_out_of_range_are_all_named() {
    let region = RegionSettings { weight: -1.0, start: 0.7, end: 0.2 };
    let settings = ModulationSettings {
        w_cross: f64::NAN,
        w_self: 2.1,
        size_adjust: f64::INFINITY,
        modulated_fraction: -0.1,
        exponent: 21.0,
        constant: Some(0.0),
        regions: vec![RegionSettings::default(), region],
    };
    let wrong = Modulation::new(settings).unwrap_err();
    let fields: Vec<&str> = wrong.iter().map(|setting| setting.field.as_str()).collect();
    let expected = ["w_cross", "w_self", "size_adjust", "modulated_fraction", "exponent", "constant"];
    assert_eq!(fields[..6], expected);
    assert_eq!(fields[6..], ["regions[1].weight", "regions[1].end"]);
    assert_eq!(wrong[1].to_string(), "w_self is 2.1; 0 to 2 is allowed");
    assert_eq!(wrong[7].to_string(), "regions[1].end is 0.2; 0.7 to 1 is allowed");
}

/// The original's way: one binary mask per region, resized twice, an N x N self mask, its row sums.
fn transcription(
    layout: &Layout,
    latent: (usize, usize),
    level: (usize, usize),
    w: f32,
    t: f32,
    adjust: f32,
) -> Vec<f32> {
    let resize = |mask: &[f32], from: (usize, usize), to: (usize, usize)| -> Vec<f32> {
        let source = |i: usize, input: usize, output: usize| {
            ((i as f32 * (input as f32 / output as f32)).floor() as usize).min(input - 1)
        };
        (0..to.0 * to.1)
            .map(|i| mask[source(i / to.1, from.0, to.0) * from.1 + source(i % to.1, from.1, to.1)])
            .collect()
    };
    let size = (layout.height() as usize, layout.width() as usize);
    let masks: Vec<Vec<f32>> = (0..layout.regions() as u8)
        .map(|n| layout.pixels().iter().map(|&index| f32::from(index == n)).collect::<Vec<f32>>())
        .map(|mask| resize(&resize(&mask, size, latent), latent, level))
        .collect();
    let cells = level.0 * level.1;
    let shared = |i: usize, j: usize| masks.iter().map(|mask| mask[i] * mask[j]).sum::<f32>();
    let adjustment = |i| 1.0 - adjust * (0..cells).map(|j| shared(i, j)).sum::<f32>() / cells as f32;
    (0..cells).map(|i| adjustment(i) * w * (t / 1000.0).powi(5)).collect()
}

proptest! {
    #[test]
    fn neutral_settings_give_the_original_factor(
        (width, height, pixels) in (1..30u32, 1..30u32).prop_flat_map(|(w, h)| {
            let pixel = prop_oneof![4 => 0..4u8, 1 => Just(NONE)];
            (Just(w), Just(h), proptest::collection::vec(pixel, (w * h) as usize))
        }),
        latent in (1..12usize, 1..12usize),
        (w, adjust, t) in (0.0..2.0f64, 0.0..1.0f64, 1..1000u32),
    ) {
        let layout = Layout::new(width, height, 4, pixels).unwrap();
        let masks = LevelMasks::new(&layout, latent, 3, MaskMode::Nearest).unwrap();
        let settings = ModulationSettings { w_cross: w, w_self: w / 2.0, size_adjust: adjust, ..Default::default() };
        let step = Modulation::new(settings).unwrap().strengths(&masks, 3, 50, f64::from(t));
        for (level, strengths) in masks.levels.iter().zip(&step.levels) {
            let size = (level.height, level.width);
            let expected = transcription(&layout, latent, size, w as f32, t as f32, adjust as f32);
            for (i, expected) in expected.iter().enumerate() {
                prop_assert!((strengths.cross_attention[i] - expected).abs() < 2e-6);
                prop_assert!((strengths.self_attention[i] - expected / 2.0).abs() < 2e-6);
            }
        }
    }

    #[test]
    fn keeping_thin_regions_adds_members_and_takes_none(
        pixels in proptest::collection::vec(prop_oneof![Just(0u8), 0..32u8], 24 * 20),
    ) {
        let layout = Layout::new(24, 20, 32, pixels).unwrap();
        let masks = |mode| LevelMasks::new(&layout, (5, 6), 3, mode).unwrap();
        let present: i32 = layout.pixels().iter().fold(0, |set, index| set | 1 << index);
        for (kept, nearest) in masks(MaskMode::KeepThin).levels.iter().zip(&masks(MaskMode::Nearest).levels) {
            prop_assert_eq!(kept.regions.iter().fold(0, |set, cell| set | cell), present);
            let cells = kept.regions.iter().zip(&nearest.regions);
            prop_assert!(cells.clone().all(|(kept, nearest)| kept & nearest == *nearest));
            let seen = nearest.regions.iter().fold(0, |set, cell| set | cell);
            prop_assert!(cells.into_iter().all(|(kept, nearest)| (kept ^ nearest) & seen == 0));
        }
    }
}
