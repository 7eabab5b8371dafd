//! Requests that are painted at once.

use diffusion::{CancelToken, LoadOptions, Pipeline};
use request::Generation;

use super::common::{Run, tolerance};
use super::{changed, load, pictures};

#[test]
fn requests_at_once_share_the_sessions_and_do_not_disturb_each_other() {
    let run = Run::open("shallow_euler");
    let pipeline = load(&run);
    let paint = |seed| {
        let cancel = CancelToken::default();
        pictures(&pipeline.generate(&run.generation, &run.layout, seed, &cancel, &mut |_| {}).unwrap())
    };
    let alone: Vec<_> = (0..4).map(paint).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|seed| scope.spawn(move || paint(seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(alone == together);
}

/// Requests that differ in everything but their size, in one call of the UNet at every step.
#[test]
fn a_picture_is_the_same_whoever_shares_its_batch() {
    ["shallow_euler", "xl", "shallow_long"].into_iter().for_each(shares_its_batch);
}

fn shares_its_batch(name: &str) {
    let run = Run::open(name);
    let requests = [
        run.generation.clone(),
        changed(&run.generation, |request| (request.samples, request.steps) = (Some(1), Some(3))),
        changed(&run.generation, |request| request.modulated_fraction = Some(0.0)),
        changed(&run.generation, |request| request.guidance_scale = Some(1.0)),
    ];
    let paint = |pipeline: &Pipeline, generation: &Generation| {
        let cancel = CancelToken::default();
        pictures(&pipeline.generate(generation, &run.layout, 7, &cancel, &mut |_| {}).unwrap())
    };
    let alone: Vec<_> = requests.iter().map(|generation| paint(&load(&run), generation)).collect();
    let options = LoadOptions { max_batch: Some(6), ..LoadOptions::default() };
    let shared = Pipeline::load(&run.checkpoint, &options).unwrap();
    let together: Vec<_> = std::thread::scope(|scope| {
        let (paint, shared) = (&paint, &shared);
        let spawn = |generation| scope.spawn(move || paint(shared, generation));
        let threads: Vec<_> = requests.iter().map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (alone, together) in alone.iter().flatten().zip(together.iter().flatten()) {
        assert_eq!(alone.dimensions(), together.dimensions());
        let far = alone.iter().zip(together.iter()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(f64::from(far) <= tolerance("/image/together"), "{far}/255 off");
    }
}

#[test]
fn on_the_cpu_calls_are_not_shared_where_nobody_asks_for_it() {
    let run = Run::open("shallow_euler");
    let max_batch = |max_batch| {
        let options = LoadOptions { max_batch, ..LoadOptions::default() };
        Pipeline::load(&run.checkpoint, &options).unwrap().max_batch()
    };
    assert_eq!([Some(1), Some(6), None].map(max_batch), [1, 6, 1]);
}
