//! The published validation set: 20 layouts of 512 x 512 pixels with blurred edges.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{
    ColorMatch, CountedPicture, Layout, LayoutError, LevelMasks, MaskMode, NONE, Picture, RegionColor,
};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/benchmark");

struct Item {
    image: image::RgbaImage,
    texts: usize,
}

impl Item {
    fn layout(&self, matching: ColorMatch) -> Layout {
        Layout::from_colors(self.picture(), self.texts, matching).unwrap()
    }

    fn find_colors(&self, matching: ColorMatch) -> Result<Vec<RegionColor>, LayoutError> {
        CountedPicture::new(self.picture(), matching)?.find_colors(matching)
    }

    fn picture(&self) -> Picture<'_> {
        Picture { width: self.image.width(), height: self.image.height(), rgba: self.image.as_raw() }
    }
}

fn items() -> Vec<Item> {
    let json = std::fs::read_to_string(format!("{FIXTURES}/valset.json")).unwrap();
    let items: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let item = |(n, item): (usize, &serde_json::Value)| Item {
        image: image::open(format!("{FIXTURES}/valset_layout/{n}.png")).unwrap().to_rgba8(),
        texts: item["segment_descriptions"].as_array().unwrap().len(),
    };
    items.iter().enumerate().map(item).collect()
}

#[test]
fn exact_colors_give_the_areas_of_the_original_order() {
    let areas = |n: usize| items()[n].layout(ColorMatch::Exact).areas();
    // Counted apart from this crate: the most frequent RGB values of the PNGs.
    assert_eq!(areas(0), [110_656, 104_650, 22_515, 14_533, 4_161]);
    // Black is the second largest colour here, and comes first.
    assert_eq!(areas(7), [94_463, 104_513, 30_338]);
    // No black or white: the largest comes first.
    assert_eq!(areas(14), [127_552, 60_803, 49_797, 6_794]);
}

#[test]
fn exact_colors_leave_37_to_520_of_4096_cells_in_no_region() {
    let outside = |item: &Item| {
        let masks = LevelMasks::new(&item.layout(ColorMatch::Exact), (64, 64), 4, MaskMode::Nearest).unwrap();
        masks.levels[0].regions.iter().filter(|set| **set == 0).count()
    };
    let counts: Vec<usize> = items().iter().map(outside).collect();
    assert_eq!((counts.iter().min(), counts.iter().max()), (Some(&37), Some(&520)));
}

#[test]
fn with_a_tolerance_no_pixel_and_no_region_is_lost() {
    for item in items() {
        let (exact, tolerant) = (item.layout(ColorMatch::Exact), item.layout(ColorMatch::default()));
        assert_eq!(tolerant.areas().iter().sum::<usize>(), 512 * 512);
        // The same regions in the same order, each a little larger; of the clean pixels none changes its region.
        let pairs = exact.pixels().iter().zip(tolerant.pixels());
        assert!(pairs.filter(|(exact, _)| **exact != NONE).all(|(exact, tolerant)| exact == tolerant));
        let masks = LevelMasks::new(&tolerant, (64, 64), 4, MaskMode::KeepThin).unwrap();
        for level in masks.levels {
            assert_eq!(level.regions.iter().fold(0, |set, cell| set | cell), (1 << item.texts) - 1);
        }
    }
}

#[test]
fn the_colors_are_found_without_the_number_of_texts() {
    for (n, item) in items().iter().enumerate() {
        let found = item.find_colors(ColorMatch::default()).unwrap();
        assert_eq!(found.len(), item.texts, "item {n}: {found:?}");
        assert_eq!(found[0].rgb == [0; 3], n != 14, "item {n}");
    }
}

#[test]
fn the_two_colors_of_one_car_become_one_region() {
    let item = &items()[14];
    let exact = item.find_colors(ColorMatch::Exact);
    assert!(exact.is_err(), "965 exact colours are no regions");
    let tolerant = item.layout(ColorMatch::default()).areas();
    assert!(tolerant[3] > 6_794 + 6_149, "{tolerant:?}");
}

#[test]
fn edge_pixels_join_a_region_that_is_next_to_them() {
    // Item 3: where gold meets black, the edge's mixed colours pass near the orange of the butterfly.
    let item = &items()[3];
    let (exact, tolerant) = (item.layout(ColorMatch::Exact), item.layout(ColorMatch::default()));
    let near = |at: usize, index: u8| {
        let (x, y) = (at % 512, at / 512);
        let rows = y.saturating_sub(3)..=(y + 3).min(511);
        rows.flat_map(|y| (x.saturating_sub(3)..=(x + 3).min(511)).map(move |x| y * 512 + x))
            .any(|at| exact.pixels()[at] == index)
    };
    let far = tolerant.pixels().iter().enumerate().filter(|(at, index)| !near(*at, **index)).count();
    assert_eq!(far, 0);
}
