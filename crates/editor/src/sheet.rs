//! A document without its map.

use std::sync::Arc;

use layout::MAX_REGIONS;
use request::{Size, joined};

use crate::text::FullText;
use crate::{Parameters, Region, RegionId};

/// The description of the map. Copies share all that they have in common, so that the history can keep many.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sheet {
    /// The size of the picture.
    pub picture: Size,
    /// The background first; each number once.
    pub regions: Vec<Arc<Region>>,
    pub text: Arc<FullText>,
    pub parameters: Arc<Parameters>,
}

impl Sheet {
    /// A sheet with the background alone.
    pub(crate) fn new(picture: Size) -> Self {
        Self {
            picture,
            regions: vec![Arc::new(Region::new(RegionId::BACKGROUND))],
            text: Arc::default(),
            parameters: Arc::default(),
        }
    }

    pub(crate) fn position(&self, id: RegionId) -> Option<usize> {
        self.regions.iter().position(|region| region.id == id)
    }

    pub(crate) fn region(&self, id: RegionId) -> Option<&Region> {
        self.position(id).map(|at| &*self.regions[at])
    }

    pub(crate) fn region_mut(&mut self, id: RegionId) -> Option<&mut Region> {
        self.position(id).map(|at| Arc::make_mut(&mut self.regions[at]))
    }

    /// The smallest unused number.
    pub(crate) fn free_id(&self) -> Option<RegionId> {
        RegionId::all().find(|id| self.position(*id).is_none())
    }

    /// Adds a region at the end, unless there are [`MAX_REGIONS`].
    pub(crate) fn add(&mut self) -> Option<RegionId> {
        debug_assert!(self.regions.len() <= MAX_REGIONS);
        let id = self.free_id()?;
        self.regions.push(Arc::new(Region::new(id)));
        Some(id)
    }

    /// The locked regions as a set: bit n is region n.
    pub(crate) fn locked(&self) -> u32 {
        self.regions.iter().filter(|region| region.locked).fold(0, |set, region| set | region.id.bit())
    }

    /// The regions' texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.regions.iter().map(|region| region.text.as_str())
    }

    pub(crate) fn joined(&self) -> String {
        joined(self.texts())
    }

    pub(crate) fn full_text(&self) -> String {
        match &*self.text {
            FullText::Following => self.joined(),
            FullText::Edited(text) => text.clone(),
        }
    }

    /// Whether both are drawn in the same colours.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let look = |sheet: &Self, id| sheet.region(id).map(|region| (region.color, region.hatch));
        RegionId::all().all(|id| look(self, id) == look(other, id))
    }

    /// The bytes of this sheet that it does not share with `other`.
    pub(crate) fn bytes_beside(&self, other: &Self) -> usize {
        let shared = |region: &Arc<Region>| other.regions.iter().any(|theirs| Arc::ptr_eq(theirs, region));
        let own = self.regions.iter().filter(|region| !shared(region));
        let regions: usize = own.map(|region| size_of::<Region>() + region.text.len()).sum();
        let text = match &*self.text {
            FullText::Edited(text) if !Arc::ptr_eq(&self.text, &other.text) => text.len(),
            _ => 0,
        };
        let parameters = match &self.parameters.negative_prompt {
            _ if Arc::ptr_eq(&self.parameters, &other.parameters) => 0,
            negative => size_of::<Parameters>() + negative.as_ref().map_or(0, String::len),
        };
        size_of::<Self>() + self.regions.len() * size_of::<Arc<Region>>() + regions + text + parameters
    }
}
