//! The constant that replaces the value-range-adaptive terms, chosen on layouts that are not measured.

use serde::Serialize;

use crate::metric::mean;
use crate::{Judged, Metric, Share};

/// The values of c to try, in units of the attention logits.
pub const CONSTANTS: [f64; 6] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0];

/// The chosen constant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tuned {
    /// c.
    pub constant: f64,
    /// The mean IoU on the tuning layouts for every value tried; empty if c was given.
    pub tried: Vec<(f64, f64)>,
}

/// Returns the value of c with the highest mean IoU, the smallest on a tie; `None` if no picture was scored.
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
