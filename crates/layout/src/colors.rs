//! A layout from a picture of colours.

use crate::assign::assign;
use crate::map::check_length;
use crate::palette::{self, Counted};
use crate::picture::{ColorMatch, MERGE_TOLERANCE, Picture, RegionColor};
use crate::{Layout, LayoutError, MAX_REGIONS};

/// A picture with its colours counted: most of the work of finding regions, and the same for every tolerance.
#[derive(Clone, Debug)]
pub struct CountedPicture {
    size: (u32, u32),
    counted: Counted,
}

impl CountedPicture {
    /// Counts a picture's colours, for exact matching or all tolerances, which differ in transparent pixels.
    ///
    /// # Errors
    /// If the size is not allowed, `rgba` does not fit it, or there are far too many colours.
    pub fn new(picture: Picture<'_>, matching: ColorMatch) -> Result<Self, LayoutError> {
        let counted = palette::count(&pixels(picture, matching)?, picture.width)?;
        Ok(Self { size: (picture.width, picture.height), counted })
    }

    /// Finds the region colours without knowing how many to expect: the background first, the others by
    /// descending area, ties by first appearance. With [`ColorMatch::Within`], colours that form only lines
    /// count from 1/400 of the picture on.
    ///
    /// The background is black or white, if the picture has it (the larger of both); else the largest region.
    ///
    /// # Errors
    /// If there are more than [`MAX_REGIONS`] colours.
    pub fn find_colors(&self, matching: ColorMatch) -> Result<Vec<RegionColor>, LayoutError> {
        let found = match matching {
            ColorMatch::Exact => self.counted.exact(),
            ColorMatch::Within(tolerance) => self.counted.regions(400, tolerance),
        };
        if found.len() > MAX_REGIONS {
            return Err(LayoutError::TooManyColors { found: found.len() });
        }
        Ok(background_first(found, ColorMatch::Within(MERGE_TOLERANCE)))
    }

    /// The layout of the picture with one region for each of `colors`, the background's first.
    ///
    /// # Errors
    /// If there are not 1 to [`MAX_REGIONS`] colours.
    pub fn layout(&self, colors: &[[u8; 3]], matching: ColorMatch) -> Result<Layout, LayoutError> {
        assign(self.size, &self.counted, colors, matching)
    }
}

impl Layout {
    /// The layout of a picture of `texts` colours, as many as there are region texts.
    ///
    /// The region colours are the `texts` largest by area, in the order of [`CountedPicture::find_colors`]. Where black
    /// and white are both among them, the original puts the smaller one first; here it is the larger.
    ///
    /// # Errors
    /// If the size is not allowed, `rgba` does not fit it, the picture has fewer colours than `texts`, or with
    /// [`ColorMatch::Within`] more (beyond specks), or more than [`MAX_REGIONS`].
    pub fn from_colors(
        picture: Picture<'_>,
        texts: usize,
        matching: ColorMatch,
    ) -> Result<Self, LayoutError> {
        if !(1..=MAX_REGIONS).contains(&texts) {
            return Err(LayoutError::Regions { found: texts });
        }
        let picture = CountedPicture::new(picture, matching)?;
        let chosen = match matching {
            ColorMatch::Exact => choose_exact(&picture.counted, texts)?,
            ColorMatch::Within(tolerance) => choose_tolerant(&picture.counted, texts, tolerance)?,
        };
        let colors: Vec<_> = background_first(chosen, matching).iter().map(|color| color.rgb).collect();
        picture.layout(&colors, matching)
    }
}

fn pixels(picture: Picture<'_>, matching: ColorMatch) -> Result<Vec<[u8; 3]>, LayoutError> {
    let Picture { width, height, rgba } = picture;
    let expected = Layout::check_size(width, height)?;
    check_length("the RGBA picture", width, height, 4 * expected, rgba.len())?;
    let (pixels, _) = rgba.as_chunks::<4>();
    let rgb = |&[r, g, b, a]: &[u8; 4]| match matching {
        ColorMatch::Within(_) if a < 128 => [255; 3],
        _ => [r, g, b],
    };
    Ok(pixels.iter().map(rgb).collect())
}

fn choose_exact(counted: &Counted, texts: usize) -> Result<Vec<RegionColor>, LayoutError> {
    let mut colors = counted.exact();
    if colors.len() < texts {
        return Err(LayoutError::FewerColors { colors: colors.len(), texts, list: list(&colors) });
    }
    colors.truncate(texts);
    Ok(colors)
}

fn choose_tolerant(counted: &Counted, texts: usize, tolerance: u8) -> Result<Vec<RegionColor>, LayoutError> {
    let mut colors = counted.regions(1_000, tolerance);
    if colors.len() < texts {
        // The count decides when in doubt: a mixed colour may be a region after all.
        let merged = counted.merged(tolerance);
        if merged.len() != texts {
            return Err(LayoutError::FewerColors { colors: colors.len(), texts, list: list(&colors) });
        }
        return Ok(merged);
    }
    let surplus = colors[texts..].iter().filter(|color| counted.is_substantial(color)).count();
    match surplus + texts {
        found if found > MAX_REGIONS => Err(LayoutError::TooManyColors { found }),
        found if found > texts => {
            Err(LayoutError::MoreColors { colors: found, texts, list: list(&colors[..found]) })
        }
        _ => {
            colors.truncate(texts);
            Ok(colors)
        }
    }
}

/// Moves the background to the front of `colors`, which are sorted by descending area: black or white or,
/// unless colours are exact, what comes near.
fn background_first(mut colors: Vec<RegionColor>, matching: ColorMatch) -> Vec<RegionColor> {
    let first_within = |tolerance: u8| {
        let is_near = |color: &RegionColor, to: [u8; 3]| palette::is_near(color.rgb, to, tolerance);
        colors.iter().position(|color| is_near(color, [0; 3]) || is_near(color, [255; 3]))
    };
    let near = || (matching != ColorMatch::Exact).then(|| first_within(MERGE_TOLERANCE)).flatten();
    let first = first_within(0).or_else(near);
    if let Some(at) = first {
        colors[..=at].rotate_right(1);
    }
    colors
}

/// The colours as `#rrggbb`, at most eight of them.
fn list(colors: &[RegionColor]) -> String {
    let hex = |color: &RegionColor| {
        let [r, g, b] = color.rgb;
        format!("#{r:02x}{g:02x}{b:02x}")
    };
    let mut names: Vec<String> = colors.iter().take(8).map(hex).collect();
    if colors.len() > names.len() {
        names.push("...".to_owned());
    }
    names.join(", ")
}
