//! Layouts from pictures of colours, and what is no layout.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use layout::{ColorMatch, CountedPicture, Layout, LayoutError, NONE, Picture, RegionColor};

const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];
const RED: [u8; 3] = [220, 30, 30];
const BLUE: [u8; 3] = [30, 30, 220];

/// A picture of vertical stripes: (colour, width in pixels), 40 rows high.
struct Stripes {
    width: u32,
    rgba: Vec<u8>,
}

impl Stripes {
    const HEIGHT: u32 = 40;

    fn new(stripes: &[([u8; 3], usize)]) -> Self {
        let row: Vec<u8> = stripes.iter().flat_map(|&([r, g, b], n)| [r, g, b, 255].repeat(n)).collect();
        Self { width: row.len() as u32 / 4, rgba: row.repeat(Self::HEIGHT as usize) }
    }

    fn picture(&self) -> Picture<'_> {
        Picture { width: self.width, height: Self::HEIGHT, rgba: &self.rgba }
    }

    fn layout(&self, texts: usize, matching: ColorMatch) -> Result<Layout, LayoutError> {
        Layout::from_colors(self.picture(), texts, matching)
    }

    fn found(&self) -> Vec<[u8; 3]> {
        find_colors(self.picture(), ColorMatch::default()).unwrap().iter().map(|color| color.rgb).collect()
    }
}

fn find_colors(picture: Picture<'_>, matching: ColorMatch) -> Result<Vec<RegionColor>, LayoutError> {
    CountedPicture::new(picture, matching)?.find_colors(matching)
}

#[test]
fn black_or_white_comes_first_and_the_others_by_area() {
    let stripes = Stripes::new(&[(BLUE, 10), (WHITE, 20), (RED, 30)]);
    assert_eq!(stripes.found(), [WHITE, RED, BLUE]);
    assert_eq!(stripes.layout(3, ColorMatch::Exact).unwrap().areas(), [800, 1200, 400]);
}

#[test]
fn of_black_and_white_the_larger_is_the_background() {
    let stripes = Stripes::new(&[(RED, 40), (WHITE, 20), (BLACK, 30)]);
    assert_eq!(stripes.found(), [BLACK, RED, WHITE]);
}

#[test]
fn without_black_or_white_the_largest_comes_first() {
    let stripes = Stripes::new(&[(BLUE, 10), (RED, 30)]);
    assert_eq!(stripes.found(), [RED, BLUE]);
}

#[test]
fn what_is_nearly_white_comes_first_unless_colors_are_exact() {
    let stripes = Stripes::new(&[([250; 3], 10), (RED, 30)]);
    assert_eq!(stripes.found(), [[250; 3], RED]);
    assert_eq!(stripes.layout(2, ColorMatch::Exact).unwrap().areas(), [1200, 400]);
}

#[test]
fn equal_areas_are_ordered_by_first_appearance() {
    let stripes = Stripes::new(&[(WHITE, 10), (RED, 8), (BLUE, 8)]);
    assert_eq!(stripes.found(), [WHITE, RED, BLUE]);
    let stripes = Stripes::new(&[(WHITE, 10), (BLUE, 8), (RED, 8)]);
    assert_eq!(stripes.found(), [WHITE, BLUE, RED]);
}

#[test]
fn exact_matching_takes_the_largest_colors_and_leaves_the_rest_in_no_region() {
    let stripes = Stripes::new(&[(WHITE, 20), (RED, 10), ([221, 30, 30], 5), (BLUE, 4)]);
    let layout = stripes.layout(2, ColorMatch::Exact).unwrap();
    assert_eq!(
        layout.pixels()[19..36],
        [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, NONE, NONE, NONE, NONE, NONE, NONE]
    );
}

#[test]
fn a_mixed_edge_color_is_no_region_but_a_line_of_another_hue_is() {
    let gray = [128; 3];
    assert_eq!(Stripes::new(&[(BLACK, 30), (gray, 1), (WHITE, 20)]).found(), [BLACK, WHITE]);
    assert_eq!(Stripes::new(&[(BLACK, 30), (RED, 1), (WHITE, 20)]).found(), [BLACK, WHITE, RED]);
}

#[test]
fn a_wide_blurred_edge_is_no_region() {
    let ramp = (1..32).map(|i| ([255 - 8 * i as u8; 3], 1));
    let stripes: Vec<_> = [(WHITE, 60)].into_iter().chain(ramp).chain([(BLACK, 50)]).collect();
    assert_eq!(Stripes::new(&stripes).found(), [WHITE, BLACK]);
}

#[test]
fn the_number_of_texts_decides_whether_a_mixed_color_is_a_region() {
    let stripes = Stripes::new(&[(BLACK, 30), ([128; 3], 1), (WHITE, 20)]);
    assert_eq!(stripes.layout(3, ColorMatch::default()).unwrap().areas(), [1200, 800, 40]);
    assert_eq!(stripes.layout(2, ColorMatch::default()).unwrap().areas().iter().sum::<usize>(), 51 * 40);
}

#[test]
fn transparent_pixels_count_as_white_unless_colors_are_exact() {
    let rgba: Vec<u8> = [[9, 9, 9, 0].repeat(10), [220, 30, 30, 255].repeat(6)].concat().repeat(16);
    let picture = Picture { width: 16, height: 16, rgba: &rgba };
    let tolerant = find_colors(picture, ColorMatch::default()).unwrap();
    assert_eq!((tolerant[0].rgb, tolerant[0].area, tolerant[1].rgb), (WHITE, 160, RED));
    let exact = find_colors(picture, ColorMatch::Exact).unwrap();
    assert_eq!(exact[0].rgb, [9; 3]);
}

#[test]
fn too_few_and_too_many_colors_are_errors_that_name_both_numbers() {
    let stripes = Stripes::new(&[(WHITE, 20), (RED, 10), (BLUE, 5)]);
    for matching in [ColorMatch::Exact, ColorMatch::default()] {
        let few = stripes.layout(4, matching).unwrap_err().to_string();
        assert!(few.contains("has 3 colours (#ffffff, #dc1e1e, #1e1edc) but 4 region texts"), "{few}");
    }
    let many = stripes.layout(2, ColorMatch::default()).unwrap_err().to_string();
    assert!(many.contains("has 3 colours") && many.contains("only 2 region texts"), "{many}");
}

#[test]
fn forty_colors_after_merging_are_refused_with_their_count() {
    let color = |i: usize| ([(i % 8 * 36) as u8, (i / 8 * 60) as u8, 90], 8);
    let stripes = Stripes::new(&(0..40).map(color).collect::<Vec<_>>());
    let found = find_colors(stripes.picture(), ColorMatch::default());
    assert_eq!(found, Err(LayoutError::TooManyColors { found: 40 }));
    for texts in [3, 32] {
        assert_eq!(
            stripes.layout(texts, ColorMatch::default()),
            Err(LayoutError::TooManyColors { found: 40 })
        );
    }
    assert_eq!(stripes.layout(40, ColorMatch::default()), Err(LayoutError::Regions { found: 40 }));
}

#[test]
fn a_picture_of_countless_colors_is_no_layout() {
    let rgba: Vec<u8> =
        (0..600u32 * 600).flat_map(|i| [i as u8, (i >> 8) as u8, (i >> 16) as u8, 255]).collect();
    let picture = Picture { width: 600, height: 600, rgba: &rgba };
    let result = Layout::from_colors(picture, 2, ColorMatch::default());
    assert!(matches!(result, Err(LayoutError::NotFlat { .. })), "{result:?}");
}

#[test]
fn sizes_are_checked_before_anything_else() {
    for (width, height) in [(20_000, 20_000), (0, 4), (4, 4097), (u32::MAX, u32::MAX)] {
        let picture = Picture { width, height, rgba: &[] };
        let error = find_colors(picture, ColorMatch::default()).unwrap_err();
        assert_eq!(error, LayoutError::Size { width, height });
        assert!(error.to_string().contains(&format!("{width} x {height}")));
    }
    let short = Picture { width: 2, height: 2, rgba: &[0; 15] };
    assert!(find_colors(short, ColorMatch::Exact).unwrap_err().to_string().contains("16"));
}

#[test]
fn one_pixel_is_a_layout_of_one_region() {
    let picture = Picture { width: 1, height: 1, rgba: &[200, 10, 10, 255] };
    let layout = |texts| Layout::from_colors(picture, texts, ColorMatch::default());
    assert_eq!(layout(1).unwrap().areas(), [1]);
    assert!(matches!(layout(2), Err(LayoutError::FewerColors { colors: 1, texts: 2, .. })));
}

#[test]
fn a_chosen_palette_decides_the_order() {
    let stripes = Stripes::new(&[(WHITE, 20), (RED, 10), (BLUE, 5)]);
    let counted = CountedPicture::new(stripes.picture(), ColorMatch::default()).unwrap();
    let areas = |colors: &[[u8; 3]]| counted.layout(colors, ColorMatch::default()).unwrap().areas();
    assert_eq!(areas(&[BLUE, WHITE, RED]), [200, 800, 400]);
    // Far from all of them, but no pixel is lost.
    assert_eq!(areas(&[[0, 200, 0], [90; 3]]).iter().sum::<usize>(), 1400);
}

#[test]
fn an_index_beyond_the_regions_is_named() {
    let error = Layout::new(3, 2, 2, vec![0, 1, NONE, 0, 2, 0]).unwrap_err();
    assert_eq!(error, LayoutError::Index { x: 1, y: 1, index: 2, regions: 2 });
}

#[test]
fn what_was_counted_once_is_found_alike_with_every_tolerance() {
    // Stripes with blurred edges, a gradient, and a corner that nobody sees.
    let mixed = |n: u8| [220 - 40 * n, 30, 30 + 40 * n];
    let mut stripes: Vec<([u8; 3], usize)> = vec![(WHITE, 20), (RED, 30)];
    stripes.extend((1..5).map(|n| (mixed(n), 1)));
    stripes.push((BLUE, 25));
    stripes.extend((0..60).map(|n| ([n, 200 - n, 90], 1)));
    let mut stripes = Stripes::new(&stripes);
    for pixel in stripes.rgba.as_chunks_mut::<4>().0.iter_mut().step_by(7) {
        pixel[3] = 90;
    }
    let picture = stripes.picture();
    let counted = CountedPicture::new(picture, ColorMatch::default()).unwrap();
    for tolerance in 0..=64 {
        let matching = ColorMatch::Within(tolerance);
        let colors = find_colors(picture, matching);
        assert_eq!(counted.find_colors(matching), colors);
        let colors: Vec<_> = colors.iter().flatten().map(|color| color.rgb).collect();
        let anew = CountedPicture::new(picture, matching).unwrap();
        assert_eq!(
            counted.layout(&colors, matching),
            anew.layout(&colors, matching),
            "tolerance {tolerance}"
        );
    }
}

/// Thousands of tiles and lines: whoever compares every line with every pair of tiles is minutes at it.
#[test]
fn far_too_many_colours_are_refused_before_much_is_done_with_them() {
    const SIDE: usize = 1024;
    const LINES: usize = 300;
    // Further from each other than the tolerance.
    let color = |n: usize| [n % 19, n / 19 % 19, n / 361 % 19].map(|channel| (channel * 13) as u8);
    let rgba: Vec<u8> = (0..SIDE * SIDE)
        .map(|at| (at % SIDE, at / SIDE))
        .flat_map(|(x, y)| {
            let tile = (y.saturating_sub(LINES) / 11 * (SIDE / 10) + x / 10) % 3000;
            let [r, g, b] = color(if y < LINES { 3000 + y % (LINES / 2) } else { tile });
            [r, g, b, 255]
        })
        .collect();
    let picture = Picture { width: SIDE as u32, height: SIDE as u32, rgba: &rgba };
    let error = find_colors(picture, ColorMatch::default()).unwrap_err();
    assert!(matches!(error, LayoutError::TooManyColors { .. }), "{error}");
}
