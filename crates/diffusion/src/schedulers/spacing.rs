//! Which training timesteps the steps fall on ("Common Diffusion Noise Schedules and Sample Steps are Flawed",
//! 2305.08891, table 2), from high to low.

use request::TimestepSpacing;

/// What DDIM and both Euler schedulers use; linspace values need not be whole.
pub(super) fn timesteps(spacing: TimestepSpacing, train: usize, steps: usize, offset: usize) -> Vec<f64> {
    match spacing {
        TimestepSpacing::Linspace => linspace(train as f64 - 1.0, steps).into_iter().rev().collect(),
        TimestepSpacing::Leading => {
            let ratio = train / steps;
            (0..steps).rev().map(|i| (i * ratio + offset) as f64).collect()
        }
        TimestepSpacing::Trailing => trailing(train, train, steps),
    }
}

/// What DPM-Solver++ uses: the steps are the intervals between `steps + 1` timesteps below `last`, all whole.
pub(super) fn interval_timesteps(
    spacing: TimestepSpacing,
    train: usize,
    last: usize,
    steps: usize,
    offset: usize,
) -> Vec<f64> {
    match spacing {
        TimestepSpacing::Linspace => {
            let all = linspace(last as f64 - 1.0, steps + 1);
            all.into_iter().skip(1).rev().map(f64::round_ties_even).collect()
        }
        TimestepSpacing::Leading => {
            let ratio = last / (steps + 1);
            (1..=steps).rev().map(|i| (i * ratio + offset) as f64).collect()
        }
        TimestepSpacing::Trailing => trailing(last, train, steps),
    }
}

/// `numpy.arange(last, 0, -train / steps).round() - 1`, without the extra -1 that rounding leaves at the end
/// for some numbers of steps (61, 103, …).
fn trailing(last: usize, train: usize, steps: usize) -> Vec<f64> {
    let (last, ratio) = (last as f64, train as f64 / steps as f64);
    let delta = (last - ratio) - last;
    let count = (last / ratio).ceil() as usize;
    let timesteps = (0..count).map(|i| (last + i as f64 * delta).round_ties_even() - 1.0);
    timesteps.filter(|timestep| *timestep >= 0.0).collect()
}

/// `numpy.linspace(0, end, n)`.
fn linspace(end: f64, n: usize) -> Vec<f64> {
    let step = end / (n - 1).max(1) as f64;
    (0..n).map(|i| if i > 0 && i == n - 1 { end } else { i as f64 * step }).collect()
}
