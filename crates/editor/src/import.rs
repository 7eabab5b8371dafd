//! Importing layout pictures.

use std::sync::Arc;

use layout::{ColorMatch, CountedPicture, Layout, LayoutError, NONE, Picture, RegionColor};
use request::{Size, limits};

use crate::opened::fitted;
use crate::palette::{Hatch, Rgb};
use crate::sheet::Sheet;
use crate::{Document, Opened, Region, RegionId};

/// What was found in a picture of flat colours, to be shown before it becomes the document.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    colors: Vec<RegionColor>,
    layout: Layout,
}

impl Import {
    /// Finds the regions of a picture: one per colour, black or white first as the background, then by area.
    ///
    /// [`ColorMatch::Within`] merges similar colours and gives the mixed colours of blurred edges to the
    /// nearest region; with [`ColorMatch::Exact`] every colour counts.
    ///
    /// # Errors
    /// Why it is no layout: its size, too many colours, a photograph.
    pub fn new(picture: Picture<'_>, matching: ColorMatch) -> Result<Self, LayoutError> {
        Self::of_counted(&CountedPicture::new(picture, matching)?, matching)
    }

    /// As [`Import::new`], for a picture whose colours are already counted.
    ///
    /// # Errors
    /// If there are too many colours.
    pub fn of_counted(picture: &CountedPicture, matching: ColorMatch) -> Result<Self, LayoutError> {
        let colors = picture.find_colors(matching)?;
        let palette: Vec<Rgb> = colors.iter().map(|color| color.rgb).collect();
        let layout = picture.layout(&palette, matching)?;
        Ok(Self { colors, layout })
    }

    /// The colours that become regions, the background's first.
    pub fn colors(&self) -> &[RegionColor] {
        &self.colors
    }

    /// The layout that was found, in the picture's own size.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The layout as a picture of 4 bytes a pixel, in the same size; pixels in no region are transparent.
    pub fn preview_rgba(&self) -> Vec<u8> {
        let color = |&pixel: &u8| match self.colors.get(usize::from(pixel)) {
            Some(RegionColor { rgb: [r, g, b], .. }) if pixel != NONE => [*r, *g, *b, 255],
            _ => [0; 4],
        };
        self.layout.pixels().iter().flat_map(color).collect()
    }

    /// The size of a picture of the layout's shape with a longer side of `longer` pixels, rounded to
    /// multiples of `multiple`.
    pub fn picture_size(&self, longer: u32, multiple: u32) -> Size {
        let (width, height) = (u64::from(self.layout.width()), u64::from(self.layout.height()));
        let (least, most) = limits::SIDE.into_inner();
        let multiple = u64::from(multiple.clamp(least, 512).next_multiple_of(limits::SIDE_MULTIPLE));
        let longer = u64::from(longer).clamp(multiple, most.into());
        let side = |side: u64| {
            let pixels = side * longer / width.max(height);
            let steps = ((pixels + multiple / 2) / multiple).clamp(1, u64::from(most) / multiple);
            (steps * multiple) as i64
        };
        Size::new(side(width), side(height)).expect("multiples within the limits are allowed")
    }

    /// The document: regions in the picture's colours, without texts; parameters from `base`.
    pub fn document(&self, picture: Size, base: &Document) -> Opened {
        let (map, notes) = fitted(&self.layout, picture);
        let region = |(id, color): (RegionId, &RegionColor)| {
            Arc::new(Region { color: color.rgb, hatch: Hatch::Plain, ..Region::new(id) })
        };
        let sheet = Sheet {
            regions: RegionId::all().zip(&self.colors).map(region).collect(),
            parameters: base.sheet.parameters.clone(),
            ..Sheet::new(picture)
        };
        Opened { document: Document { map, sheet: Arc::new(sheet) }, notes }
    }
}
