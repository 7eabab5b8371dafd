//! How many pictures are worth one call of the UNet. That depends on the network, the size and the machine: it is measured.

use std::time::{Duration, Instant};

use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};

use crate::loaded::Pipeline;
use crate::watch::{CancelToken, Progress};

/// Pictures in the call that is tried.
const TRIED: usize = 4;
/// A batch may take at most this share of the time that its pictures take one after another: it delays each of them, so a
/// small gain is not worth it.
const WORTH: f64 = 0.9;
/// Steps per trial. The fastest counts; the first only warms up.
const STEPS: i64 = 4;
/// A step of one picture that takes longer keeps the machine busy by itself, and trying takes too long.
const LONG: Duration = Duration::from_millis(500);
/// The same of the first step, in which a card's libraries are loaded and its fastest convolutions sought.
const LONG_WARM_UP: Duration = Duration::from_secs(5);

impl Pipeline {
    /// Pictures of the model's own size that one call of the UNet should take: 1 where more are not faster in all, and
    /// where none can be painted, which a request will be told.
    pub(crate) fn measure_max_batch(&self) -> usize {
        let alone = self.step_time(1, |first| if first { LONG_WARM_UP } else { LONG });
        let pays = |alone| {
            self.step_time(TRIED, |_| Duration::MAX).is_some_and(|together| is_worth_it(alone, together))
        };
        if alone.is_some_and(pays) { TRIED } else { 1 }
    }

    /// A modulated step of so many pictures; `None` if one, the first or another, takes longer than `longest`, or cannot be
    /// taken.
    fn step_time(&self, samples: usize, longest: impl Fn(bool) -> Duration) -> Option<Duration> {
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
            if time.is_some_and(|time| time > longest(times.is_empty())) {
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
