//! Confidence intervals: the percentile bootstrap (Efron and Tibshirani, 1993, chapter 13).

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

/// Number of resamples.
pub const RESAMPLES: usize = 2000;

/// Fixed seed: the same pictures give the same intervals.
const SEED: u64 = 20_231_004;

/// A value and its 95 % bootstrap interval. An infinite bound is `null` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The value for the original pictures.
    pub value: f64,
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// Estimates `statistic`, a function of the indices of `count` pictures, drawn with replacement. Ignores
/// resamples for which it is `None`; returns `None` if it is so for the original pictures.
pub fn estimate(count: usize, statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<Estimate> {
    let all: Vec<usize> = (0..count).collect();
    let value = statistic(&all)?;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut chosen = all;
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            chosen.fill_with(|| random.random_range(0..count));
            statistic(&chosen)
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let (low, high) = (percentile(&resampled, 0.025)?, percentile(&resampled, 0.975)?);
    Some(Estimate { value, low, high })
}

/// Returns the percentile of the sorted values, interpolated linearly.
fn percentile(sorted: &[f64], fraction: f64) -> Option<f64> {
    let place = fraction * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Infinite values cannot be interpolated.
    Some(if below == above { below } else { below + (above - below) * place.fract() })
}
