//! The metrics as sums over pictures, so that they all share one way of averaging.

use serde::{Deserialize, Serialize};

use crate::Judged;

/// A metric; the crate documentation defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of objects that are present.
    Object,
    /// The share of objects that are present and mostly in their regions.
    InRegion,
    /// Intersection over union of object and region.
    Iou,
    /// The share of coloured objects that are present in their colour.
    Colour,
    /// Seconds per picture.
    Seconds,
}

/// A picture's part of a mean: `sum` over `of` things. The mean of many is sum over sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// The sum.
    pub sum: f64,
    /// The count; 0 if the metric does not apply to the picture.
    pub of: f64,
}

impl Metric {
    /// All metrics, in table order.
    pub const ALL: [Self; 5] = [Self::Object, Self::InRegion, Self::Iou, Self::Colour, Self::Seconds];

    /// The evaluator's, each from 0 to 1.
    pub const SCORES: [Self; 4] = [Self::Object, Self::InRegion, Self::Iou, Self::Colour];

    /// The column title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Object => "object accuracy",
            Self::InRegion => "object in region",
            Self::Iou => "IoU",
            Self::Colour => "colour binding",
            Self::Seconds => "seconds",
        }
    }

    /// Returns the contribution of `picture`.
    pub fn share(self, picture: &Judged) -> Share {
        let objects = &picture.objects;
        let count = |hits: usize, of: usize| Share { sum: hits as f64, of: of as f64 };
        match self {
            Self::Object => count(objects.iter().filter(|object| object.there).count(), objects.len()),
            Self::InRegion => count(objects.iter().filter(|object| object.in_region).count(), objects.len()),
            Self::Iou if objects.is_empty() => Share::default(),
            Self::Iou => Share {
                sum: objects.iter().map(|object| object.iou).sum::<f64>() / objects.len() as f64,
                of: 1.0,
            },
            Self::Colour => {
                let bound: Vec<bool> = objects.iter().filter_map(|object| object.bound).collect();
                count(bound.iter().filter(|bound| **bound).count(), bound.len())
            }
            Self::Seconds => Share { sum: picture.seconds, of: 1.0 },
        }
    }
}

/// Returns the mean of `shares` over the pictures `chosen`; `None` if nothing in them counts.
pub(crate) fn mean(shares: &[Share], chosen: &[usize]) -> Option<f64> {
    let total = chosen.iter().fold(Share::default(), |total, &at| Share {
        sum: total.sum + shares[at].sum,
        of: total.of + shares[at].of,
    });
    (total.of > 0.0).then(|| total.sum / total.of)
}
