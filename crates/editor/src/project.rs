//! Project files.
//!
//! A project is JSON: the document as a request, and what only the studio knows of its regions.
//!
//! ```json
//! {
//!   "format": "dense-diffusion-project",
//!   "version": 1,
//!   "request": {"layout": {"runs": {}}, "regions": [], "width": 512, "height": 512},
//!   "regions": [{"number": 0, "color": "#ffffff", "hatch": 0, "locked": false}]
//! }
//! ```

use std::sync::Arc;

use request::GenerationRequest;
use serde::{Deserialize, Serialize};

use crate::map::IndexMap;
use crate::opened::{MAX_PROJECT_BYTES, PROJECT_VERSION};
use crate::palette::{Hatch, from_hex, hex};
use crate::sheet::Sheet;
use crate::text::{FullText, limited};
use crate::{Document, OpenError, Opened, Region, RegionId};

const FORMAT: &str = "dense-diffusion-project";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    format: String,
    version: u32,
    request: GenerationRequest,
    regions: Vec<Look>,
}

/// Read before anything else, so that the error message fits.
#[derive(Deserialize)]
struct Header {
    format: Option<String>,
    version: Option<u32>,
}

/// What a request does not say about a region, in the request's order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    number: u8,
    color: String,
    hatch: u8,
    locked: bool,
}

impl Document {
    /// The project file.
    pub fn to_project(&self) -> String {
        let look = |region: &Region| Look {
            number: region.id.number(),
            color: hex(region.color),
            hatch: region.hatch.index(),
            locked: region.locked,
        };
        let project = Project {
            format: FORMAT.to_owned(),
            version: PROJECT_VERSION,
            request: self.to_request(),
            regions: self.regions().map(look).collect(),
        };
        serde_json::to_string(&project).expect("texts and finite numbers are always JSON")
    }
}

impl Opened {
    /// The document of a project file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_project(text: &str) -> Result<Self, OpenError> {
        if text.len() > MAX_PROJECT_BYTES {
            return Err(OpenError::TooLarge { found: text.len() });
        }
        let broken = |error: serde_json::Error| OpenError::Broken(error.to_string());
        let header: Header = serde_json::from_str(text).map_err(broken)?;
        if header.format.as_deref() != Some(FORMAT) {
            return Err(OpenError::Foreign);
        }
        match header.version {
            Some(found) if found > PROJECT_VERSION => return Err(OpenError::Newer { found }),
            _ => {}
        }
        let Project { mut request, regions, .. } = serde_json::from_str(text).map_err(broken)?;
        // Joined texts that are too long are no reason to lose a drawing; generating it reports them.
        let text = request.prompt.replace("any".to_owned());
        let mut opened = Self::of_request(&request)?;
        let document = &mut opened.document;
        let sheet = Arc::make_mut(&mut document.sheet);
        put_on(&regions, sheet, &mut document.map)?;
        sheet.text = Arc::new(text.map_or(FullText::Following, |text| FullText::Edited(limited(text))));
        Ok(opened)
    }
}

/// Gives the regions their looks and numbers; until then the map holds their places in the list.
fn put_on(looks: &[Look], sheet: &mut Sheet, map: &mut IndexMap) -> Result<(), OpenError> {
    let broken = |what: String| Err(OpenError::Regions(what));
    if looks.len() != sheet.regions.len() {
        return broken(format!("{} looks for {} regions", looks.len(), sheet.regions.len()));
    }
    let mut numbers = [0; 256];
    for (at, look) in looks.iter().enumerate() {
        let twice = looks[..at].iter().any(|other| other.number == look.number);
        let id = match RegionId::new(look.number) {
            Some(id) if !twice && (at == 0) == (id == RegionId::BACKGROUND) => id,
            _ => {
                return broken(format!(
                    "regions[{at}].number is {}; allowed: 0 for the first, then 1 to 31, each once",
                    look.number
                ));
            }
        };
        let Some(color) = from_hex(&look.color) else {
            let found: String = look.color.chars().take(40).collect();
            return broken(format!("regions[{at}].color is {found:?}; allowed: #rrggbb"));
        };
        let Some(&hatch) = Hatch::ALL.get(usize::from(look.hatch)) else {
            return broken(format!("regions[{at}].hatch is {}; allowed: 0 to 2", look.hatch));
        };
        let region = Arc::make_mut(&mut sheet.regions[at]);
        (region.id, region.color, region.hatch, region.locked) = (id, color, hatch, look.locked);
        numbers[at] = look.number;
    }
    for pixel in map.pixels_mut() {
        *pixel = numbers[usize::from(*pixel)];
    }
    Ok(())
}
