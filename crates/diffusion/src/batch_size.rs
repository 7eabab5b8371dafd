//! How many pictures are worth one call of the UNet. That depends on the network, the size and the machine: it is measured.

use std::time::{Duration, Instant};

use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};

use crate::error::DiffusionError;
use crate::loaded::Pipeline;
use crate::watch::CancelToken;

/// Pictures in the call that is tried.
const TRIED: usize = 4;
/// Share of the time in turns that it may take: each picture comes later in company, which must be worth it.
const WORTH: f64 = 0.9;
/// Steps of which the fastest counts, but for the first, which warms up.
const STEPS: i64 = 4;
/// A step of one picture that takes longer keeps the machine busy by itself, and trying takes too long.
const LONG: Duration = Duration::from_millis(500);

impl Pipeline {
    /// Pictures of the model's own size that one call of the UNet should take: 1 where more are not faster in all.
    pub(crate) fn measure_batch_size(&self) -> Result<usize, DiffusionError> {
        let alone = self.step_time(1)?;
        Ok(if alone < LONG && is_worth_it(alone, self.step_time(TRIED)?) { TRIED } else { 1 })
    }

    /// A modulated step of so many pictures.
    fn step_time(&self, samples: usize) -> Result<Duration, DiffusionError> {
        let layout = Layout::new(2, 1, 2, vec![0, 1])?;
        let region = |text: &str| RegionRequest { text: text.to_owned(), ..RegionRequest::default() };
        let regions = vec![region("one"), region("another")];
        let mut request = GenerationRequest::new(LayoutRequest::Runs(LayoutWire::from(&layout)), regions);
        (request.samples, request.steps) = (Some(samples as i64), Some(STEPS));
        let generation = request.parse(self.defaults())?;
        let mut ends = Vec::new();
        self.generate(&generation, &layout, 0, &CancelToken::default(), &mut |_| ends.push(Instant::now()))?;
        let steps = ends.windows(2).map(|ends| ends[1] - ends[0]);
        Ok(steps.skip(1).min().unwrap_or(Duration::MAX))
    }
}

/// Whether a call of [`TRIED`] pictures beats as many calls of one.
fn is_worth_it(alone: Duration, together: Duration) -> bool {
    together.as_secs_f64() < WORTH * TRIED as f64 * alone.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_must_be_clearly_faster_in_all() {
        let ms = Duration::from_millis;
        assert!(is_worth_it(ms(10), ms(35)));
        assert!(!is_worth_it(ms(10), ms(37)));
        assert!(!is_worth_it(ms(10), ms(44)));
    }
}
