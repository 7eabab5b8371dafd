//! Measured speed of this machine.

use std::time::Duration;

use parking_lot::Mutex;

/// Weight of the newest measurement: about the last five decide, so that it adapts soon to another size.
const WEIGHT: f64 = 0.2;

/// Moving averages of recent jobs; shared by the runner, which measures, and all readers.
#[derive(Debug, Default)]
pub struct Pace(Mutex<Measured>);

#[derive(Debug, Default)]
struct Measured {
    /// Seconds per unit of work, which is one pixel in one step.
    unit: Option<f64>,
    /// Seconds per job outside its steps, for its texts and its pictures.
    beside: Option<f64>,
}

impl Pace {
    /// Records a step of `work` units.
    pub fn step(&self, work: u64, took: Duration) {
        if work > 0 {
            average(&mut self.0.lock().unit, took.as_secs_f64() / work as f64);
        }
    }

    /// Records a job's time outside its steps.
    pub fn beside(&self, took: Duration) {
        average(&mut self.0.lock().beside, took.as_secs_f64());
    }

    /// Estimates the time for `work` units in so many jobs; `None` before the first measurement.
    pub fn time(&self, work: u64, jobs: u32) -> Option<Duration> {
        let measured = self.0.lock();
        let seconds = measured.unit? * work as f64 + measured.beside.unwrap_or_default() * f64::from(jobs);
        Duration::try_from_secs_f64(seconds).ok()
    }
}

fn average(known: &mut Option<f64>, new: f64) {
    *known = Some(known.map_or(new, |known| known + WEIGHT * (new - known)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_work_at_the_measured_speed_and_what_each_job_takes_besides() {
        let pace = Pace::default();
        assert_eq!(pace.time(1000, 1), None, "nothing was measured");
        pace.step(1 << 20, Duration::from_millis(64));
        assert_eq!(pace.time(10 << 20, 1), Some(Duration::from_millis(640)));
        pace.beside(Duration::from_millis(100));
        assert_eq!(pace.time(10 << 20, 3), Some(Duration::from_millis(940)));
    }

    #[test]
    fn a_machine_that_became_slower_is_soon_known_to_be_and_one_slow_step_says_little() {
        let pace = Pace::default();
        pace.step(1, Duration::from_secs(1));
        pace.step(1, Duration::from_secs(2));
        let seconds = |pace: &Pace| pace.time(1, 0).map(|time| time.as_secs_f64()).unwrap();
        assert!((seconds(&pace) - 1.2).abs() < 1e-6);
        (0..20).for_each(|_| pace.step(1, Duration::from_secs(2)));
        assert!((seconds(&pace) - 2.0).abs() < 0.02);
    }
}
