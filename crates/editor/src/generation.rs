//! Documents as requests, and requests as documents.

use std::sync::Arc;

use layout::LayoutWire;
use request::{Defaults, Generation, GenerationRequest, LayoutRequest, LayoutSource, RegionRequest, joined};

use crate::opened::fitted;
use crate::sheet::Sheet;
use crate::text::FullText;
use crate::{Document, OpenError, Opened, Region, RegionId, parameters};

impl Document {
    /// The request for this document. What is not set is left to the model's defaults, but for the size.
    pub fn to_request(&self) -> GenerationRequest {
        GenerationRequest {
            layout: LayoutRequest::Runs(LayoutWire::from(&self.layout())),
            regions: self.regions().map(region_request).collect(),
            prompt: match &*self.sheet.text {
                FullText::Following => None,
                FullText::Edited(text) => Some(text.clone()),
            },
            width: Some(self.picture().width().into()),
            height: Some(self.picture().height().into()),
            ..self.parameters().clone()
        }
    }
}

impl Opened {
    /// The document of a request. Without a size in it, the picture has 512 x 512 pixels; a full text that
    /// equals the joined texts follows them.
    ///
    /// # Errors
    /// All problems of the request, or that its layout is not in runs.
    pub fn of_request(request: &GenerationRequest) -> Result<Self, OpenError> {
        let mut generation = request.clone().parse(&Defaults::default())?;
        let size = generation.size;
        let LayoutSource::Runs(layout) = &generation.layout else { return Err(OpenError::NotRuns) };
        let (map, notes) = fitted(layout, size);
        let follows =
            generation.prompt == joined(generation.regions.iter().map(|region| region.text.as_str()));
        let text = if follows {
            FullText::Following
        } else {
            FullText::Edited(std::mem::take(&mut generation.prompt))
        };
        let sheet = Sheet {
            picture: size,
            regions: RegionId::all()
                .zip(0..generation.regions.len())
                .map(|(id, n)| region(id, n, &generation))
                .collect(),
            text: Arc::new(text),
            parameters: Arc::new(parameters::of_request(request)),
        };
        Ok(Self { document: Document { map, sheet: Arc::new(sheet) }, notes })
    }
}

fn region(id: RegionId, n: usize, generation: &Generation) -> Arc<Region> {
    let (region, settings) = (&generation.regions[n], generation.modulation.region(n));
    Arc::new(Region {
        text: region.text.clone(),
        occurrence: region.occurrence,
        weight: settings.weight,
        start: settings.start,
        end: settings.end,
        ..Region::new(id)
    })
}

/// The fields that differ from the neutral settings.
fn region_request(region: &Region) -> RegionRequest {
    let neutral = layout::RegionSettings::default();
    let unless = |neutral: f64| move |value: &f64| *value != neutral;
    RegionRequest {
        text: region.text.clone(),
        weight: Some(region.weight).filter(unless(neutral.weight)),
        start: Some(region.start).filter(unless(neutral.start)),
        end: Some(region.end).filter(unless(neutral.end)),
        occurrence: region.occurrence.map(Into::into),
    }
}
