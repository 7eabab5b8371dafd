//! How many pictures are worth one call of the UNet. That depends on the network, the size and the machine: it is measured.

use std::time::{Duration, Instant};

use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};

use crate::loaded::Pipeline;
use crate::watch::{CancelToken, Progress};

/// Pictures in the call that is tried.
const TRIED: usize = 4;
/// Share of the time in turns that it may take: each picture comes later in company, which must be worth it.
const WORTH: f64 = 0.9;
/// Steps of which the fastest counts, but for the first, which warms up.
const STEPS: i64 = 4;
/// A step of one picture that takes longer keeps the machine busy by itself, and trying takes too long.
const LONG: Duration = Duration::from_millis(500);

impl Pipeline {
    /// Pictures of the model's own size that one call of the UNet should take: 1 where more are not faster in all, and
    /// where none can be painted, which a request will be told.
    pub(crate) fn measure_batch_size(&self) -> usize {
        let alone = self.step_time(1, LONG);
        let pays =
            |alone| self.step_time(TRIED, Duration::MAX).is_some_and(|together| is_worth_it(alone, together));
        if alone.is_some_and(pays) { TRIED } else { 1 }
    }

    /// A modulated step of so many pictures; `None` if one takes longer than `longest`, or cannot be taken.
    fn step_time(&self, samples: usize, longest: Duration) -> Option<Duration> {
        let layout = Layout::new(2, 1, 2, vec![0, 1]).ok()?;
        let region = |text: &str| RegionRequest { text: text.to_owned(), ..RegionRequest::default() };
        let regions = vec![region("one"), region("another")];
        let mut request = GenerationRequest::new(LayoutRequest::Runs(LayoutWire::from(&layout)), regions);
        (request.samples, request.steps) = (Some(samples as i64), Some(STEPS));
        let generation = request.parse(self.defaults()).ok()?;
        let (cancel, mut times, mut last) = (CancelToken::default(), Vec::new(), None);
        let mut watch = |_: &Progress<'_>| {
            let now = Instant::now();
            let time = last.replace(now).map(|last| now - last);
            if time.is_some_and(|time| time > longest) {
                cancel.cancel();
            }
            times.extend(time);
        };
        self.generate(&generation, &layout, 0, &cancel, &mut watch).ok()?;
        times.into_iter().skip(1).min()
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
