//! The regions of cells at every level.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{Layout, LayoutError, LevelMasks, MaskMode, NONE};

/// A layout of 16 x 16 pixels with two regions: the right half, and a vertical line of one pixel at column 5.
fn with_a_thin_line() -> Layout {
    let pixel = |at: usize| match at % 16 {
        5 => 2,
        8.. => 1,
        _ => 0,
    };
    Layout::new(16, 16, 3, (0..256).map(pixel).collect()).unwrap()
}

fn masks(layout: &Layout, mode: MaskMode) -> LevelMasks {
    LevelMasks::new(layout, (4, 4), 3, mode).unwrap()
}

#[test]
fn nearest_takes_the_first_pixel_of_each_cell() {
    let masks = masks(&with_a_thin_line(), MaskMode::Nearest);
    assert_eq!(masks.levels[0].regions, [1, 1, 2, 2].repeat(4));
    assert_eq!(masks.levels[1].regions, [1, 2].repeat(2));
    assert_eq!((masks.levels[2].height, masks.levels[2].width), (1, 1));
    assert_eq!(masks.levels[2].regions, [1]);
}

#[test]
fn a_region_that_would_vanish_is_added_to_its_best_covered_cell() {
    let masks = masks(&with_a_thin_line(), MaskMode::KeepThin);
    // The line is in the second column of cells, in all rows alike: the first row takes it.
    let mut finest = [1, 1, 2, 2].repeat(4);
    finest[1] |= 4;
    assert_eq!(masks.levels[0].regions, finest);
    assert_eq!(masks.levels[1].regions, [1 | 4, 2, 1, 2]);
    assert_eq!(masks.levels[2].regions, [1 | 2 | 4]);
}

#[test]
fn the_best_covered_cell_is_found_by_counting() {
    // Region 1 has one pixel in the first cell and two in the last; nearest sees neither.
    let mut pixels = vec![NONE; 64];
    pixels[9] = 1;
    pixels[6 * 8 + 7] = 1;
    pixels[7 * 8 + 7] = 1;
    let layout = Layout::new(8, 8, 2, pixels).unwrap();
    let masks = LevelMasks::new(&layout, (2, 2), 1, MaskMode::KeepThin).unwrap();
    assert_eq!(masks.levels[0].regions, [0, 0, 0, 2]);
}

#[test]
fn coarse_levels_are_taken_from_the_latent_not_from_the_layout() {
    // torch 2.11: F.interpolate of arange(13) to 7 and on to 4 values gives these; to 4 in one go gives 0, 3, 6, 9.
    let layout = Layout::new(13, 1, 13, (0..13).collect()).unwrap();
    let masks = LevelMasks::new(&layout, (1, 7), 2, MaskMode::Nearest).unwrap();
    let columns: Vec<u32> = masks.levels[1].regions.iter().map(|set| set.trailing_zeros()).collect();
    assert_eq!(columns, [0, 1, 5, 9]);
}

#[test]
fn odd_sizes_and_layouts_smaller_than_the_latent_work() {
    let layout = Layout::new(3, 2, 2, vec![0, 1, 0, NONE, 1, 1]).unwrap();
    let masks = LevelMasks::new(&layout, (5, 13), 4, MaskMode::KeepThin).unwrap();
    let sizes: Vec<_> = masks.levels.iter().map(|level| (level.height, level.width)).collect();
    assert_eq!(sizes, [(5, 13), (3, 7), (2, 4), (1, 2)]);
    for level in &masks.levels {
        assert_eq!(level.regions.len(), level.height * level.width);
        assert_eq!(level.regions.iter().fold(0, |set, cell| set | cell), 3);
    }
}

#[test]
fn the_thirty_second_region_has_the_sign_bit() {
    let layout = Layout::new(2, 1, 32, vec![31, 0]).unwrap();
    let masks = LevelMasks::new(&layout, (1, 2), 2, MaskMode::KeepThin).unwrap();
    assert_eq!(masks.levels[0].regions, [i32::MIN, 1]);
    assert_eq!(masks.levels[1].regions, [i32::MIN | 1]);
    assert_eq!(masks.levels[1].areas, [1.0]);
}

#[test]
fn areas_are_the_shares_of_cells_with_a_common_region() {
    let layout = Layout::new(4, 2, 3, vec![0, 0, 0, 1, 0, NONE, 2, 1]).unwrap();
    let masks = LevelMasks::new(&layout, (2, 4), 1, MaskMode::Nearest).unwrap();
    assert_eq!(masks.levels[0].areas, [0.5, 0.5, 0.5, 0.25, 0.5, 0.0, 0.125, 0.25]);
}

#[test]
fn impossible_levels_are_refused() {
    let layout = with_a_thin_line();
    for (latent, levels) in [((0, 4), 1), ((4, 0), 1), ((5000, 4), 1), ((4, 4), 0), ((4, 4), 17)] {
        let result = LevelMasks::new(&layout, latent, levels, MaskMode::KeepThin);
        assert!(matches!(result, Err(LayoutError::Latent { .. })), "{latent:?} {levels}");
    }
}
