//! The constant that stands in place of the value-range-adaptive terms, chosen where it is not measured.

use serde::Serialize;

use crate::metric::mean;
use crate::{Judged, Metric, Share};

/// The values of c that are tried, in units of the attention's logits.
pub const CONSTANTS: [f64; 6] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];

/// The chosen constant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tuned {
    /// c.
    pub constant: f64,
    /// The mean IoU on the layouts for tuning of every value that was tried; empty if c was given.
    pub tried: Vec<(f64, f64)>,
}

/// The value of c with the highest mean IoU, the smallest of equal ones; `None` if no picture was scored.
pub fn tune(tried: &[(f64, Vec<Judged>)]) -> Option<Tuned> {
    let iou = |(constant, pictures): &(f64, Vec<Judged>)| {
        let shares: Vec<Share> = pictures.iter().map(|picture| Metric::Iou.share(picture)).collect();
        let all: Vec<usize> = (0..shares.len()).collect();
        Some((*constant, mean(&shares, &all)?))
    };
    let tried: Vec<(f64, f64)> = tried.iter().filter_map(iou).collect();
    let best = tried.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Tuned { constant: best.0, tried })
}
