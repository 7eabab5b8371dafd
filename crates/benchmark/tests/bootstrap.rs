//! Intervals against what can be computed by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use benchmark::bootstrap::estimate;

fn mean(values: &[f64]) -> impl Fn(&[usize]) -> Option<f64> {
    |chosen| Some(chosen.iter().map(|&at| values[at]).sum::<f64>() / chosen.len() as f64)
}

#[test]
fn the_interval_of_a_share_is_the_binomial_one() {
    for (count, hits) in [(200usize, 100usize), (240, 36)] {
        let values: Vec<f64> = (0..count).map(|at| if at < hits { 1.0 } else { 0.0 }).collect();
        let found = estimate(count, mean(&values)).unwrap();
        let share = hits as f64 / count as f64;
        assert_eq!(found.value, share);
        // The resampled count is binomial: 1.96 sqrt(p (1 - p) / n) to each side, to a count or so.
        let half = 1.96 * (share * (1.0 - share) / count as f64).sqrt();
        for (bound, expected) in [(found.low, share - half), (found.high, share + half)] {
            assert!((bound - expected).abs() < 2.0 / count as f64, "{bound} is not {expected}");
        }
    }
}

#[test]
fn the_same_pictures_give_the_same_interval() {
    let values: Vec<f64> = (0..50).map(|at| f64::from(at).sin()).collect();
    assert_eq!(estimate(50, mean(&values)), estimate(50, mean(&values)));
}

#[test]
fn what_never_varies_has_an_interval_of_no_width() {
    let (these, others) = ([0.5, 0.9, 0.7], [0.25, 0.65, 0.45]);
    let difference = estimate(3, |chosen| Some(mean(&these)(chosen)? - mean(&others)(chosen)?)).unwrap();
    assert!((difference.low - 0.25).abs() < 1e-12 && (difference.high - 0.25).abs() < 1e-12);
}

#[test]
fn nothing_to_count_gives_no_number_and_a_division_by_nothing_an_open_end() {
    assert_eq!(estimate(0, |_| None), None);
    assert_eq!(estimate(5, |_| None), None);
    let ratio = estimate(2, |chosen| Some(1.0 / mean(&[0.0, 1.0])(chosen)?)).unwrap();
    assert_eq!((ratio.value, ratio.low, ratio.high), (2.0, 1.0, f64::INFINITY));
}
