//! Where the regions' phrases are in the full text.

use std::ops::Range;

use layout::{BindProblem, Occurrence};
use request::own_places;

use crate::sheet::Sheet;
use crate::words::Searched;
use crate::{Document, Region, RegionId};

/// A region's phrase in the full text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhrasePlace {
    /// The region.
    pub region: RegionId,
    /// Where its phrase is.
    pub place: Place,
    /// How often the full text contains it.
    pub occurrences: usize,
    /// The occurrence that the region refers to: the chosen one; else the region's own text, if the full text
    /// is the joined texts; else the first.
    pub meant: Occurrence,
}

/// Where a phrase is. The server's tokenizer has the last word; this answers at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The region's text is blank: it binds nothing.
    Blank,
    /// The occurrences that the region means, in bytes of the full text from left to right.
    Found(Vec<Range<usize>>),
    /// It is missing: [`crate::TextEdit::Repair`] inserts it.
    Missing {
        /// The most similar passage.
        closest: Option<String>,
    },
    /// It occurs, but not often enough: [`crate::TextEdit::Repair`] chooses the first.
    Fewer {
        /// The occurrence that the region refers to, from 1.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

/// A piece of the full text for showing it with its phrases marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its bytes; the segments of a text are contiguous.
    pub range: Range<usize>,
    /// The region whose phrase it belongs to; of several, the last in the list, as for the model.
    pub region: Option<RegionId>,
}

impl Document {
    /// Where each region's phrase is in the full text, in the order of the regions.
    pub fn phrases(&self) -> Vec<PhrasePlace> {
        let text = self.full_text();
        let mut searched = Searched::new(&text);
        let place = |(region, meant): (&Region, Occurrence)| PhrasePlace {
            region: region.id,
            occurrences: searched.find(&region.text, Occurrence::All).map_or(0, |all| all.len()),
            meant,
            place: match searched.find(&region.text, meant) {
                Ok(found) if found.is_empty() => Place::Blank,
                Ok(found) => Place::Found(found.into_iter().map(|(start, end)| start..end).collect()),
                Err(BindProblem::Occurrence { wanted, found, .. }) => Place::Fewer { wanted, found },
                Err(BindProblem::Missing { closest, .. }) => Place::Missing { closest },
                Err(BindProblem::BeyondLimit { .. }) => Place::Missing { closest: None },
            },
        };
        self.regions().zip(meant(&self.sheet)).map(place).collect()
    }
}

/// The occurrence that each region refers to, see [`PhrasePlace::meant`].
pub(crate) fn meant(sheet: &Sheet) -> Vec<Occurrence> {
    let text = sheet.full_text();
    let own_places = own_places(&text, sheet.texts());
    let mut searched = Searched::new(&text);
    let mut own = |n: usize, region: &Region| searched.occurrence_at(&region.text, own_places.as_ref()?[n]);
    let regions = sheet.regions.iter().enumerate();
    regions.map(|(n, region)| region.occurrence.or_else(|| own(n, region)).unwrap_or_default()).collect()
}

impl PhrasePlace {
    /// Accepts the answer of the model's own tokenizer: the first place, or that the model does not see the
    /// phrase. Further places stay where they were found.
    pub fn correct(&mut self, first: Option<Range<usize>>) {
        match (&mut self.place, first) {
            (Place::Found(ranges), None) => ranges.clear(),
            (Place::Found(ranges), Some(first)) if !ranges.is_empty() => ranges[0] = first,
            (place, Some(first)) => *place = Place::Found(vec![first]),
            (_, None) => {}
        }
    }
}

/// Cuts a text of `length` bytes into marked and unmarked pieces.
pub fn segments(length: usize, phrases: &[PhrasePlace]) -> Vec<Segment> {
    let found = phrases.iter().flat_map(|phrase| {
        let ranges = if let Place::Found(ranges) = &phrase.place { ranges.as_slice() } else { &[] };
        ranges.iter().map(|range| (range.clone(), phrase.region))
    });
    let found: Vec<(Range<usize>, RegionId)> = found.collect();
    let mut cuts: Vec<usize> = found.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    cuts.extend([0, length]);
    cuts.sort_unstable();
    cuts.dedup();
    let region_at =
        |at: usize| found.iter().rev().find(|(range, _)| range.contains(&at)).map(|found| found.1);
    let mut segments: Vec<Segment> = Vec::new();
    for pair in cuts.windows(2) {
        let region = region_at(pair[0]);
        match segments.last_mut() {
            Some(last) if last.region == region => last.range.end = pair[1],
            _ => segments.push(Segment { range: pair[0]..pair[1], region }),
        }
    }
    segments
}
