//! Who shares a batch with whom, and what happens when a batch fails.

use std::collections::BTreeSet;
use std::sync::Barrier;

use super::*;

type Numbers = Batcher<u8, u32, (u32, usize)>;

fn of(max: usize) -> Numbers {
    Batcher::new(max, |_| 1)
}

/// Doubles every call and says how large the batch was; 13 is refused.
fn double(calls: &[u32]) -> Result<Vec<(u32, usize)>, String> {
    match calls.contains(&13) {
        true => Err(format!("{} with a 13", calls.len())),
        false => Ok(calls.iter().map(|call| (call * 2, calls.len())).collect()),
    }
}

/// Joins once for each number; then, once all have joined, each calls `times` times with its number.
fn call_together(
    batcher: &Numbers,
    numbers: &[(u8, u32)],
    times: usize,
) -> Vec<Vec<Result<(u32, usize), String>>> {
    let members = Barrier::new(numbers.len());
    std::thread::scope(|scope| {
        let sit = |&(key, number)| {
            let members = &members;
            scope.spawn(move || {
                let member = batcher.join(key);
                members.wait();
                (0..times).map(|_| member.call(number, double)).collect()
            })
        };
        let threads: Vec<_> = numbers.iter().map(sit).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread panicked")).collect()
    })
}

#[test]
fn all_at_a_table_make_one_batch_at_every_step() {
    let results = call_together(&of(4), &[(0, 1), (0, 2), (0, 3)], 20);
    for (number, results) in [1, 2, 3].into_iter().zip(results) {
        assert_eq!(results, vec![Ok((number * 2, 3)); 20]);
    }
}

#[test]
fn other_keys_are_other_batches_and_nobody_waits_for_them() {
    let results = call_together(&of(4), &[(0, 1), (1, 2)], 3);
    assert_eq!(results, [vec![Ok((2, 1)); 3], vec![Ok((4, 1)); 3]]);
}

#[test]
fn a_batch_has_its_largest_size_and_all_get_their_own_result() {
    let numbers: Vec<_> = (0..7).map(|number| (0, number)).collect();
    let results = call_together(&of(3), &numbers, 50);
    let mut sizes = BTreeSet::new();
    for (number, results) in (0..7).zip(results) {
        for result in results {
            let (value, size) = result.expect("no 13");
            assert_eq!(value, number * 2);
            sizes.insert(size);
        }
    }
    assert!(sizes.iter().all(|&size| size <= 3) && sizes.contains(&3), "{sizes:?}");
}

#[test]
fn large_calls_fill_a_batch_sooner_and_what_is_too_large_runs_alone() {
    let batcher = Batcher::new(4, |number: &u32| *number as usize);
    let _calls_never = batcher.join(0);
    let results = call_together(&batcher, &[(0, 2), (0, 2)], 1);
    assert_eq!(results, vec![vec![Ok((4, 2))]; 2], "two and two are four");
    let results = call_together(&batcher, &[(1, 3), (1, 9)], 20);
    assert_eq!(results, [vec![Ok((6, 1)); 20], vec![Ok((18, 1)); 20]]);
}

#[test]
fn after_a_failed_batch_all_call_alone_until_the_table_is_empty() {
    let (batcher, tried) = (of(4), Mutex::new(Vec::new()));
    let run = |calls: &[u32]| {
        tried.lock().push(calls.len());
        if calls.len() > 1 { Err("out of memory".to_owned()) } else { double(calls) }
    };
    for _ in 0..2 {
        let members = Barrier::new(2);
        std::thread::scope(|scope| {
            for number in [1, 2] {
                let (batcher, members, run) = (&batcher, &members, &run);
                scope.spawn(move || {
                    let member = batcher.join(0);
                    members.wait();
                    for _ in 0..10 {
                        assert_eq!(member.call(number, run), Ok((number * 2, 1)));
                    }
                    members.wait();
                });
            }
        });
    }
    let batches = tried.into_inner().into_iter().filter(|size| *size > 1).count();
    assert_eq!(batches, 2, "one each time");
}

#[test]
fn who_fails_fails_alone() {
    let results = call_together(&of(4), &[(0, 1), (0, 13), (0, 2)], 1);
    assert_eq!(results, [vec![Ok((2, 1))], vec![Err("1 with a 13".to_owned())], vec![Ok((4, 1))]]);
}

#[test]
fn who_leaves_is_not_waited_for() {
    let batcher = of(4);
    let gone = batcher.join(0);
    let stays = batcher.join(0);
    drop(gone);
    assert_eq!(stays.call(5, double), Ok((10, 1)));
}

#[test]
fn a_panic_in_a_batch_leaves_nobody_waiting() {
    let batcher = of(2);
    let members = Barrier::new(2);
    let run = |calls: &[u32]| -> Result<Vec<(u32, usize)>, String> {
        assert!(calls.len() == 1, "two at once");
        double(calls)
    };
    let (one, two) = std::thread::scope(|scope| {
        let sit = |number| {
            let (batcher, members, run) = (&batcher, &members, &run);
            scope.spawn(move || {
                let member = batcher.join(0);
                members.wait();
                member.call(number, run)
            })
        };
        let (one, two) = (sit(1), sit(2));
        (one.join(), two.join())
    });
    let results: Vec<_> = [one, two].into_iter().flatten().collect();
    assert!(results == [Ok((2, 1))] || results == [Ok((4, 1))], "{results:?}");
}
