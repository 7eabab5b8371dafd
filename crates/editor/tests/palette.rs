//! The colours, by the measure that the palette's documentation states.
#![allow(
    unused_must_use,
    clippy::unwrap_used,
    reason = "tests look at plans where they matter, and fail by panicking"
)]

mod common;

use common::*;
use editor::palette::{self, BACKGROUND, Rgb, from_hex, hex, ink, look};
use editor::{Hatch, Message, Tool};

type Matrix = [[f64; 3]; 3];

/// Machado, Oliveira and Fernandes (2009), severity 1: normal sight, protanopia, deuteranopia, tritanopia; linear RGB.
const SIGHTS: [Matrix; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
];

/// sRGB to XYZ, D65.
const XYZ: Matrix =
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]];

fn times(matrix: &Matrix, vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

fn lab(color: Rgb, sight: &Matrix) -> [f64; 3] {
    let linear = color.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let [x, y, z] = times(&XYZ, times(sight, linear).map(|channel| channel.clamp(0.0, 1.0)));
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    let (x, y, z) = (f(x / 0.95047), f(y), f(z / 1.08883));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The least distance of two of the colours, to whichever eyes.
fn least_distance(colors: &[Rgb]) -> f64 {
    let mut least = f64::INFINITY;
    for sight in &SIGHTS {
        for (at, a) in colors.iter().enumerate() {
            for b in &colors[..at] {
                let (a, b) = (lab(*a, sight), lab(*b, sight));
                least = least.min((0..3).map(|n| (a[n] - b[n]).powi(2)).sum::<f64>().sqrt());
            }
        }
    }
    least
}

#[test]
fn twelve_colors_and_white_can_be_told_apart_by_the_colour_blind() {
    let colors = [palette::COLORS.as_slice(), &[BACKGROUND]].concat();
    assert!(least_distance(&colors) >= 16.0, "{}", least_distance(&colors));
}

#[test]
fn hatched_regions_can_be_told_apart_from_those_of_the_same_hatching() {
    for hatch in Hatch::ALL {
        let looks = (1..32).map(|number| look(id(number))).filter(|look| look.1 == hatch);
        let colors: Vec<Rgb> = looks.map(|look| look.0).collect();
        assert!((7..=12).contains(&colors.len()));
        assert!(least_distance(&colors) >= 11.5, "{hatch:?}: {}", least_distance(&colors));
    }
}

#[test]
fn hatching_shows_in_the_pixels() {
    let mut editor = editor(512, 64, 13);
    send(&mut editor, Message::Select(id(13)));
    drag(&mut editor, Tool::Rectangle, NO_KEY, &[(0.0, 0.0), (512.0, 64.0)]);
    let rect = editor.document().map().rect();
    let mut rgba = vec![0; 4 * rect.area()];
    editor.paint_rgba(rect, &mut rgba);
    let [r, g, b] = look(id(13)).0;
    let plain = rgba.as_chunks::<4>().0.iter().filter(|pixel| **pixel == [r, g, b, 255]).count();
    assert!((0.6..0.9).contains(&(plain as f64 / rect.area() as f64)), "{plain}");
}

#[test]
fn a_part_is_painted_as_the_whole() {
    let mut editor = editor(512, 64, 14);
    send(&mut editor, Message::Select(id(14)));
    drag(&mut editor, Tool::Ellipse, NO_KEY, &[(20.0, 5.0), (300.0, 60.0)]);
    let whole_rect = editor.document().map().rect();
    let mut whole = vec![0; 4 * whole_rect.area()];
    editor.paint_rgba(whole_rect, &mut whole);
    // Beyond the map too, where nothing is written.
    for rect in [
        editor::Rect::new(100, 20, 37, 11),
        editor::Rect::new(500, 50, 40, 40),
        editor::Rect::new(600, 60, 9, 9),
    ] {
        let mut part = vec![9; 4 * rect.area()];
        editor.paint_rgba(rect, &mut part);
        for (at, pixel) in part.as_chunks::<4>().0.iter().enumerate() {
            let (x, y) = (rect.x + at as u32 % rect.width, rect.y + at as u32 / rect.width);
            let expected =
                if x < 512 && y < 64 { whole.as_chunks::<4>().0[(y * 512 + x) as usize] } else { [9; 4] };
            assert_eq!(*pixel, expected, "({x}, {y})");
        }
    }
    // A buffer that is too short, and a place that is nowhere.
    editor.paint_rgba(whole_rect, &mut [0; 10]);
    editor.paint_rgba(editor::Rect::new(u32::MAX, u32::MAX, u32::MAX, 3), &mut [0; 64]);
}

#[test]
fn colors_are_written_and_read_as_in_css() {
    assert_eq!(hex([0, 114, 178]), "#0072b2");
    assert_eq!(from_hex("#0072B2"), Some([0, 114, 178]));
    for bad in ["", "0072b2", "#0072b", "#0072b2a", "#00é2b", "#+072b2"] {
        assert_eq!(from_hex(bad), None, "{bad}");
    }
}

#[test]
fn numbers_are_legible_on_every_color() {
    assert_eq!((ink([255; 3]), ink([0; 3])), ([0; 3], [255; 3]));
    assert_eq!((ink([0x33, 0x22, 0x88]), ink([0xf0, 0xe4, 0x42])), ([255; 3], [0; 3]));
}
