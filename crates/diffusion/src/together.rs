//! Requests that are painted at once call a network as one batch.
//!
//! Whoever paints takes a seat. A call waits until all who sit at the same table have called, or as many as fit in one batch;
//! the last to come runs the batch for all. So requests join and leave between any two steps, wherever each of them is, and a
//! request that sits alone never waits.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The tables of a network: calls `C` whose key `K` is the same fit in one batch and give one `R` each.
#[derive(Debug)]
pub(crate) struct Tables<K, C, R> {
    /// Calls in one batch at most.
    max: usize,
    tables: Mutex<HashMap<K, Table<C, R>>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Table<C, R> {
    seated: usize,
    tickets: u64,
    /// Calls that wait, the oldest first.
    waiting: Vec<(u64, C)>,
    done: HashMap<u64, Outcome<C, R>>,
}

#[derive(Debug)]
enum Outcome<C, R> {
    Done(R),
    /// The batch failed. What is wrong with one, or too much for the memory, need not be so for the others.
    Alone(C),
}

impl<C, R> Default for Table<C, R> {
    fn default() -> Self {
        Self { seated: 0, tickets: 0, waiting: Vec::new(), done: HashMap::new() }
    }
}

impl<K: Eq + Hash + Copy, C, R> Tables<K, C, R> {
    /// Tables at which up to `max` calls make a batch.
    pub fn new(max: usize) -> Self {
        Self { max: max.max(1), tables: Mutex::default(), changed: Condvar::new() }
    }

    /// Joins those who call with `key`; until the seat is dropped they wait for its calls.
    pub fn seat(&self, key: K) -> Seat<'_, K, C, R> {
        self.lock().entry(key).or_default().seated += 1;
        Seat { tables: self, key }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Table<C, R>>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place at a table.
#[derive(Debug)]
pub(crate) struct Seat<'a, K: Eq + Hash + Copy, C, R> {
    tables: &'a Tables<K, C, R>,
    key: K,
}

impl<K: Eq + Hash + Copy, C, R> Seat<'_, K, C, R> {
    /// The result of `call`, which `run` computes for a whole batch, in its order.
    ///
    /// # Errors
    /// Those of `run` for this call alone.
    pub fn call<E>(&self, call: C, run: impl Fn(&[C]) -> Result<Vec<R>, E>) -> Result<R, E> {
        let mut tables = self.tables.lock();
        let table = tables.entry(self.key).or_default();
        let ticket = table.tickets;
        table.tickets += 1;
        table.waiting.push((ticket, call));
        loop {
            let table = tables.entry(self.key).or_default();
            match table.done.remove(&ticket) {
                Some(Outcome::Done(result)) => return Ok(result),
                Some(Outcome::Alone(call)) => {
                    drop(tables);
                    return run(&[call]).map(|mut results| results.remove(0));
                }
                None if table.waiting.len() >= table.seated.min(self.tables.max) => {
                    let count = table.waiting.len().min(self.tables.max);
                    let (tickets, calls) = table.waiting.drain(..count).unzip();
                    drop(tables);
                    let mut batch = Batch { seat: self, tickets, calls };
                    let outcome = run(&batch.calls);
                    match outcome {
                        Ok(results) => batch.finish(results),
                        Err(error) if batch.tickets == [ticket] => {
                            // There is nobody else to be told.
                            batch.calls.clear();
                            return Err(error);
                        }
                        Err(_) => {}
                    }
                    drop(batch);
                    tables = self.tables.lock();
                }
                None => tables = self.tables.changed.wait(tables).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

impl<K: Eq + Hash + Copy, C, R> Drop for Seat<'_, K, C, R> {
    fn drop(&mut self) {
        let mut tables = self.tables.lock();
        if let Some(table) = tables.get_mut(&self.key) {
            table.seated -= 1;
            if table.seated == 0 {
                tables.remove(&self.key);
            }
        }
        drop(tables);
        self.tables.changed.notify_all();
    }
}

/// A batch that runs. Whatever becomes of it, a panic included, nobody is left waiting.
struct Batch<'a, 'b, K: Eq + Hash + Copy, C, R> {
    seat: &'a Seat<'b, K, C, R>,
    tickets: Vec<u64>,
    calls: Vec<C>,
}

impl<K: Eq + Hash + Copy, C, R> Batch<'_, '_, K, C, R> {
    fn finish(&mut self, results: Vec<R>) {
        self.calls.clear();
        self.tell(results.into_iter().map(Outcome::Done).collect());
    }

    fn tell(&mut self, outcomes: Vec<Outcome<C, R>>) {
        let tickets = mem::take(&mut self.tickets);
        self.seat
            .tables
            .lock()
            .entry(self.seat.key)
            .or_default()
            .done
            .extend(tickets.into_iter().zip(outcomes));
        self.seat.tables.changed.notify_all();
    }
}

impl<K: Eq + Hash + Copy, C, R> Drop for Batch<'_, '_, K, C, R> {
    fn drop(&mut self) {
        let calls = mem::take(&mut self.calls);
        self.tell(calls.into_iter().map(Outcome::Alone).collect());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Barrier;

    use super::*;

    type Numbers = Tables<u8, u32, (u32, usize)>;

    /// Doubles every call and says how large the batch was; 13 is refused.
    fn double(calls: &[u32]) -> Result<Vec<(u32, usize)>, String> {
        match calls.contains(&13) {
            true => Err(format!("{} with a 13", calls.len())),
            false => Ok(calls.iter().map(|call| (call * 2, calls.len())).collect()),
        }
    }

    /// Each number sits down, all wait for each other, and each calls `times` times with its number.
    fn call_together(
        tables: &Numbers,
        numbers: &[(u8, u32)],
        times: usize,
    ) -> Vec<Vec<Result<(u32, usize), String>>> {
        let seated = Barrier::new(numbers.len());
        std::thread::scope(|scope| {
            let sit = |&(key, number)| {
                let seated = &seated;
                scope.spawn(move || {
                    let seat = tables.seat(key);
                    seated.wait();
                    (0..times).map(|_| seat.call(number, double)).collect()
                })
            };
            let threads: Vec<_> = numbers.iter().map(sit).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread panicked")).collect()
        })
    }

    #[test]
    fn all_at_a_table_make_one_batch_at_every_step() {
        let results = call_together(&Tables::new(4), &[(0, 1), (0, 2), (0, 3)], 20);
        for (number, results) in [1, 2, 3].into_iter().zip(results) {
            assert_eq!(results, vec![Ok((number * 2, 3)); 20]);
        }
    }

    #[test]
    fn other_keys_are_other_batches_and_nobody_waits_for_them() {
        let results = call_together(&Tables::new(4), &[(0, 1), (1, 2)], 3);
        assert_eq!(results, [vec![Ok((2, 1)); 3], vec![Ok((4, 1)); 3]]);
    }

    #[test]
    fn a_batch_has_its_largest_size_and_all_get_their_own_result() {
        let numbers: Vec<_> = (0..7).map(|number| (0, number)).collect();
        let results = call_together(&Tables::new(3), &numbers, 50);
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
    fn who_fails_fails_alone() {
        let results = call_together(&Tables::new(4), &[(0, 1), (0, 13), (0, 2)], 1);
        assert_eq!(results, [vec![Ok((2, 1))], vec![Err("1 with a 13".to_owned())], vec![Ok((4, 1))]]);
    }

    #[test]
    fn who_leaves_is_not_waited_for() {
        let tables = Numbers::new(4);
        let gone = tables.seat(0);
        let stays = tables.seat(0);
        drop(gone);
        assert_eq!(stays.call(5, double), Ok((10, 1)));
    }

    #[test]
    fn a_panic_in_a_batch_leaves_nobody_waiting() {
        let tables = Numbers::new(2);
        let seated = Barrier::new(2);
        let run = |calls: &[u32]| -> Result<Vec<(u32, usize)>, String> {
            assert!(calls.len() == 1, "two at once");
            double(calls)
        };
        let (one, two) = std::thread::scope(|scope| {
            let sit = |number| {
                let (tables, seated, run) = (&tables, &seated, &run);
                scope.spawn(move || {
                    let seat = tables.seat(0);
                    seated.wait();
                    seat.call(number, run)
                })
            };
            let (one, two) = (sit(1), sit(2));
            (one.join(), two.join())
        });
        let results: Vec<_> = [one, two].into_iter().flatten().collect();
        assert!(results == [Ok((2, 1))] || results == [Ok((4, 1))], "{results:?}");
    }
}
