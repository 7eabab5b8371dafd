//! How many pictures one call of the UNet should take: measured, as it depends on network, size and machine.

use std::time::{Duration, Instant};

use layout::{Layout, LayoutWire};
use request::{GenerationRequest, LayoutRequest, RegionRequest};

use crate::loaded::Pipeline;
use crate::watch::{CancelToken, Progress};

/// Pictures in the call on trial.
const TRIED: usize = 4;
/// A batch must take less than this share of the time of its pictures one after another: it delays each of
/// them, so a small gain is not worth it.
const WORTH: f64 = 0.9;
/// Steps per trial. The fastest counts; the first only warms up.
const STEPS: i64 = 4;
/// A step of one picture that takes longer keeps the machine busy by itself, and a trial would take too long.
const LONG: Duration = Duration::from_millis(500);
/// The same for the first step, which loads the GPU's libraries and searches for its fastest convolutions.
const LONG_WARM_UP: Duration = Duration::from_secs(5);

/// How long a step may take, given whether it is the first.
type Longest = fn(is_first: bool) -> Duration;

impl Pipeline {
    /// Measures how many pictures of the model's own size one call of the UNet should take: 1 where more are
    /// not faster overall, or where none can be painted, which a request will report.
    pub(crate) fn measure_max_batch(&self) -> usize {
        max_batch(|samples, longest| self.step_time(samples, longest))
    }

    /// Times a modulated step of `samples` pictures; `None` if a step takes longer than `longest`, or fails.
    fn step_time(&self, samples: usize, longest: Longest) -> Option<Duration> {
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

/// Returns [`TRIED`] if one call of so many pictures beats as many calls of one, by `step_time`; else 1.
fn max_batch(step_time: impl Fn(usize, Longest) -> Option<Duration>) -> usize {
    let is_worth_it = |alone: Duration| {
        let together = step_time(TRIED, |_| Duration::MAX)?;
        Some(together.as_secs_f64() < WORTH * TRIED as f64 * alone.as_secs_f64())
    };
    // Other load on the machine makes some trials look good: it has to be worth it twice.
    let alone = || step_time(1, |is_first| if is_first { LONG_WARM_UP } else { LONG });
    let pays = (0..2).all(|_| alone().and_then(is_worth_it) == Some(true));
    if pays { TRIED } else { 1 }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_batch_must_be_clearly_faster_in_all() {
        let of = |alone: Option<u64>, together: Option<u64>| {
            max_batch(|samples, _| if samples == 1 { alone } else { together }.map(Duration::from_millis))
        };
        assert_eq!(of(Some(10), Some(35)), TRIED);
        assert_eq!(of(Some(10), Some(37)), 1);
        assert_eq!(of(Some(10), Some(44)), 1);
        // Not by chance, either.
        let tries = Cell::new(0);
        let noisy = |samples, _: Longest| {
            tries.set(tries.get() + 1);
            Some(Duration::from_millis(if samples == 1 && tries.get() == 1 {
                40
            } else {
                10 * samples as u64
            }))
        };
        assert_eq!(max_batch(noisy), 1);
        // A picture cannot be painted, or takes too long to be tried.
        assert_eq!((of(None, Some(1)), of(Some(10), None)), (1, 1));
    }

    #[test]
    fn what_keeps_the_machine_busy_by_itself_is_not_tried_together_but_a_slow_start_is() {
        let of = |first: Duration, other: Duration| {
            max_batch(|samples, longest| match samples {
                1 => (first <= longest(true) && other <= longest(false)).then_some(other),
                _ => Some(other),
            })
        };
        let (slow, fast) = (Duration::from_secs(2), Duration::from_millis(20));
        assert_eq!([of(fast, fast), of(slow, fast), of(fast, slow)], [TRIED, TRIED, 1]);
    }
}
