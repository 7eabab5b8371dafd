//! Layouts to begin with, drawn for what the embedded model knows.

use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};

/// Side of an example's layout in pixels; shapes are given in it.
pub const SIDE: i32 = 512;

/// A shape of a layout.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Left, top, width, height.
    Rect(i32, i32, i32, i32),
    /// Centre and half axes.
    Ellipse(i32, i32, i32, i32),
}

impl Shape {
    fn covers(self, x: i32, y: i32) -> bool {
        match self {
            Self::Rect(left, top, width, height) => {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            }
            Self::Ellipse(cx, cy, rx, ry) => {
                let (dx, dy) = (f64::from(x - cx) / f64::from(rx), f64::from(y - cy) / f64::from(ry));
                dx * dx + dy * dy <= 1.0
            }
        }
    }
}

/// A layout with its texts.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name.
    pub title: &'static str,
    /// The background's text.
    pub background: &'static str,
    /// The regions: text and shapes, later ones above earlier ones.
    pub regions: &'static [(&'static str, &'static [Shape])],
}

use Shape::{Ellipse, Rect};

/// The examples; only kinds, colours and settings that the model `scenes` was shown.
pub const EXAMPLES: [Example; 8] = [
    Example {
        title: "Two on a meadow",
        background: "a green meadow",
        regions: &[
            ("a dog", &[Ellipse(150, 350, 105, 85), Ellipse(215, 265, 58, 52)]),
            (
                "a horse",
                &[
                    Ellipse(355, 300, 105, 70),
                    Ellipse(430, 215, 45, 62),
                    Rect(285, 330, 34, 120),
                    Rect(400, 330, 34, 120),
                ],
            ),
        ],
    },
    Example {
        title: "By the sea",
        background: "the beach",
        regions: &[
            ("a red sailboat", &[Ellipse(150, 150, 85, 105), Rect(70, 200, 165, 60)]),
            ("a blue umbrella", &[Ellipse(350, 300, 120, 75), Rect(340, 330, 22, 130)]),
            ("a football", &[Ellipse(160, 420, 52, 52)]),
        ],
    },
    Example {
        title: "Lift-off",
        background: "the night sky is full of stars",
        regions: &[
            ("a rocket", &[Ellipse(200, 250, 62, 175), Rect(150, 340, 100, 100)]),
            ("a yellow balloon", &[Ellipse(390, 150, 72, 88), Rect(383, 230, 14, 90)]),
        ],
    },
    Example {
        title: "Desert road",
        background: "a sandy desert",
        regions: &[
            ("a cactus", &[Rect(80, 130, 62, 270), Ellipse(60, 250, 44, 62), Ellipse(165, 220, 44, 62)]),
            ("a red car", &[Rect(225, 310, 245, 80), Ellipse(345, 300, 88, 58)]),
        ],
    },
    Example {
        title: "City street",
        background: "a city street",
        regions: &[
            ("a yellow bus", &[Rect(40, 220, 235, 150)]),
            ("a house", &[Rect(315, 120, 165, 250)]),
            ("a cat", &[Ellipse(250, 435, 75, 46), Ellipse(315, 405, 34, 34)]),
        ],
    },
    Example {
        title: "At home",
        background: "a room with a wooden floor",
        regions: &[
            ("a blue sofa", &[Rect(40, 250, 285, 150), Rect(40, 200, 285, 90)]),
            ("a teddy bear", &[Ellipse(405, 370, 68, 82), Ellipse(405, 270, 56, 52)]),
        ],
    },
    Example {
        title: "Castle garden",
        background: "a green meadow",
        regions: &[
            ("a castle", &[Rect(150, 90, 215, 210), Rect(120, 50, 62, 250), Rect(332, 50, 62, 250)]),
            ("a red tulip", &[Ellipse(110, 360, 52, 58), Rect(100, 390, 20, 100)]),
            ("a sunflower", &[Ellipse(400, 360, 62, 62), Rect(390, 390, 20, 105)]),
        ],
    },
    Example {
        title: "Tea for one",
        background: "a room with a wooden floor",
        regions: &[
            ("a blue teapot", &[Ellipse(160, 290, 105, 88), Rect(90, 355, 140, 36)]),
            ("a cake", &[Rect(300, 270, 170, 115), Ellipse(385, 270, 85, 36)]),
            ("a strawberry", &[Ellipse(385, 195, 40, 46)]),
        ],
    },
];

impl Example {
    /// The address of the picture that the embedded model painted of it.
    pub fn picture(&self) -> String {
        format!("/examples/{}.png", self.title.to_ascii_lowercase().replace(' ', "-"))
    }

    /// The example as a request that leaves the settings to the model.
    pub fn request(&self) -> GenerationRequest {
        let covered = |x, y| {
            let at =
                self.regions.iter().rposition(|(_, shapes)| shapes.iter().any(|shape| shape.covers(x, y)));
            at.map_or(0, |at| at as u8 + 1)
        };
        let pixels: Vec<u8> =
            (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y))).map(|(x, y)| covered(x, y)).collect();
        let texts = std::iter::once(self.background).chain(self.regions.iter().map(|(text, _)| *text));
        let regions: Vec<RegionRequest> =
            texts.map(|text| RegionRequest { text: text.to_owned(), ..Default::default() }).collect();
        let wire = match Layout::new(SIDE as u32, SIDE as u32, regions.len(), pixels) {
            Ok(layout) => LayoutWire::from(layout),
            // Never: the constants above fit. A request without pixels is refused in words.
            Err(_) => LayoutWire { width: 0, height: 0, regions: 0, runs: String::new() },
        };
        GenerationRequest::new(LayoutRequest::Runs(wire), regions)
    }
}

#[cfg(test)]
mod tests {
    use request::Defaults;

    use super::*;

    #[test]
    fn every_example_can_be_painted_and_each_region_is_seen() {
        for example in EXAMPLES {
            let generation = example.request().parse(&Defaults::default()).expect(example.title);
            let request::LayoutSource::Runs(layout) = generation.layout else { panic!("drawn as runs") };
            for (region, area) in layout.areas().into_iter().enumerate() {
                assert!(area > 1_000, "{}: region {region} has {area} pixels", example.title);
            }
        }
    }
}
