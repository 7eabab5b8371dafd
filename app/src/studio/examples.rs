//! Example layouts, drawn for what the embedded model knows.

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
                // At the pixel's centre: measured at its corner, an ellipse would end in single pixels.
                let part = |at: i32, radius: i32| (f64::from(at) + 0.5) / f64::from(radius);
                let (dx, dy) = (part(x - cx, rx), part(y - cy, ry));
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
    /// The seed of its picture.
    pub seed: i64,
}

use Shape::{Ellipse, Rect};

/// The examples; only kinds, colours and settings that the model `scenes` was trained on. Each has the seed
/// of its picture on the page, so that painting it gives that picture.
pub const EXAMPLES: [Example; 8] = [
    Example {
        title: "Castle garden",
        background: "a green meadow",
        regions: &[
            ("a castle", &[Rect(150, 90, 215, 210), Rect(120, 50, 62, 250), Rect(332, 50, 62, 250)]),
            ("a red tulip", &[Ellipse(110, 360, 52, 58), Rect(100, 390, 20, 100)]),
            ("a sunflower", &[Ellipse(400, 360, 62, 62), Rect(390, 390, 20, 105)]),
        ],
        seed: 2,
    },
    Example {
        title: "Snow day",
        background: "a snowy field",
        regions: &[
            ("a snowman", &[Ellipse(150, 330, 95, 110), Ellipse(150, 190, 68, 70)]),
            ("a penguin", &[Ellipse(370, 320, 75, 115)]),
        ],
        seed: 0,
    },
    Example {
        title: "Desert road",
        background: "a sandy desert",
        regions: &[
            ("a cactus", &[Rect(80, 130, 62, 270), Ellipse(60, 250, 44, 62), Ellipse(165, 220, 44, 62)]),
            ("a red car", &[Rect(225, 310, 245, 80), Ellipse(345, 300, 88, 58)]),
        ],
        seed: 2,
    },
    Example {
        title: "By the sea",
        background: "the beach",
        regions: &[
            ("a red sailboat", &[Ellipse(150, 150, 85, 105), Rect(70, 200, 165, 60)]),
            ("a palm tree", &[Ellipse(380, 160, 95, 80), Rect(360, 180, 40, 260)]),
            ("a football", &[Ellipse(160, 420, 55, 55)]),
        ],
        seed: 2,
    },
    Example {
        title: "On the farm",
        background: "a green meadow",
        regions: &[("a red tractor", &[Rect(50, 230, 210, 170)]), ("a pig", &[Ellipse(380, 340, 105, 80)])],
        seed: 2,
    },
    Example {
        title: "City street",
        background: "a city street",
        regions: &[("a yellow bus", &[Rect(40, 250, 235, 150)]), ("a house", &[Rect(315, 150, 165, 250)])],
        seed: 2,
    },
    Example {
        title: "In the woods",
        background: "a forest",
        regions: &[
            ("a tent", &[Rect(60, 240, 200, 160)]),
            ("a red mushroom", &[Ellipse(380, 330, 80, 60), Rect(350, 340, 60, 110)]),
        ],
        seed: 1,
    },
    Example {
        title: "Winter train",
        background: "a snowy field",
        regions: &[("a train", &[Rect(50, 250, 250, 150)]), ("a pine tree", &[Ellipse(400, 270, 70, 160)])],
        seed: 0,
    },
];

impl Example {
    /// The address of the embedded model's picture of it.
    pub fn picture(&self) -> String {
        format!("/examples/{}.png", self.title.to_ascii_lowercase().replace(' ', "-"))
    }

    /// The example as a request with all settings left to the model: generating again gives another picture.
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
            Ok(layout) => LayoutWire::from(&layout),
            // Unreachable: the constants above fit. A request without pixels is refused with a message.
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
