//! The document: what is drawn and written.

use std::sync::Arc;

use layout::Layout;
use request::{Defaults, Size};

use crate::map::{IndexMap, working_size};
use crate::sheet::Sheet;
use crate::text::FullText;
use crate::{Parameters, Region, RegionId};

/// A document: the map, the regions in the order of their texts, the full text, the parameters, the picture's size.
///
/// The background is always there and comes first; every pixel's region exists; there are at most 32 regions.
/// Only [`crate::Editor::handle`] changes a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub(crate) map: IndexMap,
    pub(crate) sheet: Arc<Sheet>,
}

impl Document {
    /// An empty map and one region to draw with.
    pub fn new(picture: Size) -> Self {
        let (width, height) = working_size(picture);
        let mut sheet = Sheet::new(picture);
        sheet.add();
        Self { map: IndexMap::new(width, height), sheet: Arc::new(sheet) }
    }

    /// An empty document for pictures of a model's size.
    pub fn for_model(defaults: &Defaults) -> Self {
        Size::new(defaults.width, defaults.height).map_or_else(Self::default, Self::new)
    }

    /// The map that is drawn on.
    pub fn map(&self) -> &IndexMap {
        &self.map
    }

    /// The size of the picture to be made.
    pub fn picture(&self) -> Size {
        self.sheet.picture
    }

    /// The regions, the background first.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = &Region> {
        self.sheet.regions.iter().map(|region| &**region)
    }

    /// A region, if it exists.
    pub fn region(&self, id: RegionId) -> Option<&Region> {
        self.sheet.region(id)
    }

    /// The full text: the regions' texts joined by " , ", or what was written by hand.
    pub fn full_text(&self) -> String {
        self.sheet.full_text()
    }

    /// Whether the full text follows the regions' texts.
    pub fn text_follows(&self) -> bool {
        *self.sheet.text == FullText::Following
    }

    /// The parameters that override the model's defaults.
    pub fn parameters(&self) -> &Parameters {
        &self.sheet.parameters
    }

    /// The regions besides the background that are drawn but have no text, so that nothing is bound to them;
    /// and those that have a text but are not drawn, so that it is bound nowhere.
    pub fn half_done(&self) -> [Vec<RegionId>; 2] {
        let areas = self.map.areas();
        let mut half_done = [Vec::new(), Vec::new()];
        for region in self.regions().filter(|region| region.id != RegionId::BACKGROUND) {
            let drawn = areas[usize::from(region.id.number())] > 0;
            if drawn == region.text.trim().is_empty() {
                half_done[usize::from(!drawn)].push(region.id);
            }
        }
        half_done
    }

    /// The layout, its regions in the order of [`Document::regions`].
    pub fn layout(&self) -> Layout {
        let mut positions = [0; 256];
        for (at, region) in self.regions().enumerate() {
            positions[usize::from(region.id.number())] = at as u8;
        }
        let pixels = self.map.pixels().iter().map(|&pixel| positions[usize::from(pixel)]).collect();
        let (width, height) = (self.map.width(), self.map.height());
        Layout::new(width, height, self.regions().len(), pixels)
            .expect("a map's size and indices are a layout's")
    }
}

impl Default for Document {
    /// For pictures of 512 x 512 pixels.
    fn default() -> Self {
        let defaults = Defaults::default();
        Self::new(Size::new(defaults.width, defaults.height).expect("the defaults' size is allowed"))
    }
}
