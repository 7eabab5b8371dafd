//! The regions' colours.
//!
//! The first seven are those of Okabe and Ito, "Color Universal Design" (2008), without black. The five
//! others were found by search: of all colours on a grid of 16 steps per channel that are neither garish nor
//! dull (CIELAB chroma 28 to 72, lightness 22 to 90), the five that maximize the least distance to all twelve
//! and to the white background, where the distance is CIELAB's, the least over normal vision, protanopia,
//! deuteranopia and tritanopia as simulated by Machado, Oliveira and Fernandes (2009). It is at least 16
//! between any two of the twelve. (Krzywinski's 12 colours for colour blindness reach 3.4 by this measure.)
//!
//! Regions 13 to 24 have the same colours lightened, 25 to 31 darkened, each group with its own hatching.

use crate::region_id::RegionId;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The colours of the regions 1 to 12.
pub const COLORS: [Rgb; 12] = [
    [0x00, 0x72, 0xb2],
    [0xe6, 0x9f, 0x00],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0x56, 0xb4, 0xe9],
    [0xd5, 0x5e, 0x00],
    [0xf0, 0xe4, 0x42],
    [0x55, 0x22, 0x55],
    [0xaa, 0xee, 0x88],
    [0x99, 0x00, 0x00],
    [0x33, 0x22, 0x88],
    [0x77, 0x22, 0x33],
];

/// The colour of the background.
pub const BACKGROUND: Rgb = [255; 3];

/// Lines drawn over a region's colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hatch {
    /// The plain colour.
    #[default]
    Plain,
    /// Lines that rise to the right.
    Rising,
    /// Lines that fall to the right.
    Falling,
}

impl Hatch {
    /// All, in the order of their indices in a project file.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Rising, Self::Falling];

    /// Its place in [`Hatch::ALL`].
    pub fn index(self) -> u8 {
        self as u8
    }

    /// Whether a line covers the pixel.
    pub(crate) fn covers(self, x: u32, y: u32) -> bool {
        const PERIOD: u32 = 12;
        const LINE: u32 = 3;
        match self {
            Self::Plain => false,
            Self::Rising => (x + y) % PERIOD < LINE,
            Self::Falling => (x + PERIOD - y % PERIOD) % PERIOD < LINE,
        }
    }
}

/// Colour and hatching of a region that was not recoloured.
pub fn look(region: RegionId) -> (Rgb, Hatch) {
    let Some(at) = usize::from(region.number()).checked_sub(1) else {
        return (BACKGROUND, Hatch::Plain);
    };
    let color = COLORS[at % COLORS.len()];
    match at / COLORS.len() {
        0 => (color, Hatch::Plain),
        1 => (color.map(|channel| mixed(channel, 255)), Hatch::Rising),
        _ => (color.map(|channel| mixed(channel, 0)), Hatch::Falling),
    }
}

/// Black or white, whichever is easier to read on a colour (the greater contrast by WCAG 2, 1.4.3).
pub fn ink(on: Rgb) -> Rgb {
    // Contrast with black and with white are equal at this luminance: (L + 0.05)^2 = 1.05 * 0.05.
    if luminance(on) > 0.179 { [0; 3] } else { [255; 3] }
}

/// The colour as `#rrggbb`.
pub fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Parses a colour of `#rrggbb`.
pub fn from_hex(text: &str) -> Option<Rgb> {
    let digits =
        text.strip_prefix('#').filter(|it| it.len() == 6 && it.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// Mixes three parts of one with one part of the other.
fn mixed(channel: u8, with: u8) -> u8 {
    ((3 * u16::from(channel) + u16::from(with)) / 4) as u8
}

/// Relative luminance as in WCAG 2, to within two thousandths: a cubic takes less code than a power.
fn luminance(rgb: Rgb) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        value * (value * (value * 0.305_306_011 + 0.682_171_111) + 0.012_522_878)
    };
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
}
