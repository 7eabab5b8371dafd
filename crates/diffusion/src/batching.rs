//! Dynamic batching: concurrent requests share calls of a network.
//!
//! Each request joins the group of its key: for the UNet, latent size and number of tokens. A call waits
//! until the whole group has called, or a batch is full; one of the callers runs it for all. So requests join
//! and leave between any two steps, whatever step each is at, and a lone request never waits.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

use parking_lot::{Condvar, Mutex};

/// Batches the calls of a network: calls `C` of the same key `K` fit in one batch and yield one `R` each.
#[derive(Debug)]
pub(crate) struct Batcher<K, C, R> {
    /// Largest size of a batch of several calls.
    pub max: usize,
    /// The size that a call adds to a batch.
    size: fn(&C) -> usize,
    groups: Mutex<HashMap<K, Group<C, R>>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Group<C, R> {
    /// The batcher's until a batch fails; then 1, so as not to run out of memory at every step.
    max: usize,
    members: usize,
    tickets: u64,
    /// Waiting calls, oldest first.
    waiting: Vec<(u64, C)>,
    done: HashMap<u64, Outcome<C, R>>,
}

#[derive(Debug)]
enum Outcome<C, R> {
    Done(R),
    /// The batch failed; this call runs alone, as another call or the batch's size may be at fault.
    Alone(C),
}

impl<C, R> Group<C, R> {
    fn new(max: usize) -> Self {
        Self { max, members: 0, tickets: 0, waiting: Vec::new(), done: HashMap::new() }
    }

    /// Returns how many waiting calls form the next batch, oldest first; 0 if it pays to wait for more.
    fn next_batch(&self, size: fn(&C) -> usize) -> usize {
        let mut sum = 0;
        let fits = self.waiting.iter().take_while(|(_, call)| {
            sum += size(call);
            sum <= self.max
        });
        let count = fits.count().max(1).min(self.waiting.len());
        let is_full = count < self.waiting.len() || sum >= self.max;
        if is_full || self.waiting.len() >= self.members { count } else { 0 }
    }
}

impl<K: Eq + Hash + Copy, C, R> Batcher<K, C, R> {
    /// Creates a batcher for batches of size `max` at most; a larger call runs by itself.
    pub fn new(max: usize, size: fn(&C) -> usize) -> Self {
        Self { max: max.max(1), size, groups: Mutex::default(), changed: Condvar::new() }
    }

    /// Joins the group of `key`, which waits for this member's calls until the returned value is dropped.
    pub fn join(&self, key: K) -> Member<'_, K, C, R> {
        self.groups.lock().entry(key).or_insert_with(|| Group::new(self.max)).members += 1;
        Member { batcher: self, key }
    }
}

/// A member of a group.
#[derive(Debug)]
pub(crate) struct Member<'a, K: Eq + Hash + Copy, C, R> {
    batcher: &'a Batcher<K, C, R>,
    key: K,
}

impl<K: Eq + Hash + Copy, C, R> Member<'_, K, C, R> {
    /// Returns the result of `call`; `run` computes a whole batch and returns its results in order.
    ///
    /// # Errors
    /// Those of `run` for this call alone.
    pub fn call<E>(&self, call: C, run: impl Fn(&[C]) -> Result<Vec<R>, E>) -> Result<R, E> {
        let mut groups = self.batcher.groups.lock();
        let group = self.group(&mut groups);
        let ticket = group.tickets;
        group.tickets += 1;
        group.waiting.push((ticket, call));
        loop {
            let group = self.group(&mut groups);
            let count = group.next_batch(self.batcher.size);
            match group.done.remove(&ticket) {
                Some(Outcome::Done(result)) => return Ok(result),
                Some(Outcome::Alone(call)) => {
                    drop(groups);
                    return run(&[call]).map(|mut results| results.remove(0));
                }
                None if count > 0 => {
                    let (tickets, calls) = group.waiting.drain(..count).unzip();
                    drop(groups);
                    let mut batch = Batch { member: self, tickets, calls };
                    let outcome = run(&batch.calls);
                    match outcome {
                        Ok(results) => batch.finish(results),
                        Err(error) if batch.tickets == [ticket] => {
                            // No other call waits for this batch.
                            batch.calls.clear();
                            return Err(error);
                        }
                        Err(_) => {}
                    }
                    drop(batch);
                    groups = self.batcher.groups.lock();
                }
                None => self.batcher.changed.wait(&mut groups),
            }
        }
    }

    fn group<'t>(&self, groups: &'t mut HashMap<K, Group<C, R>>) -> &'t mut Group<C, R> {
        groups.entry(self.key).or_insert_with(|| Group::new(self.batcher.max))
    }
}

impl<K: Eq + Hash + Copy, C, R> Drop for Member<'_, K, C, R> {
    fn drop(&mut self) {
        let mut groups = self.batcher.groups.lock();
        if let Some(group) = groups.get_mut(&self.key) {
            group.members -= 1;
            if group.members == 0 {
                groups.remove(&self.key);
            }
        }
        drop(groups);
        self.batcher.changed.notify_all();
    }
}

/// A running batch. Even if it fails or panics, nobody is left waiting.
struct Batch<'a, 'b, K: Eq + Hash + Copy, C, R> {
    member: &'a Member<'b, K, C, R>,
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
        let mut groups = self.member.batcher.groups.lock();
        let group = self.member.group(&mut groups);
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Alone(_))) {
            group.max = 1;
        }
        group.done.extend(tickets.into_iter().zip(outcomes));
        drop(groups);
        self.member.batcher.changed.notify_all();
    }
}

impl<K: Eq + Hash + Copy, C, R> Drop for Batch<'_, '_, K, C, R> {
    fn drop(&mut self) {
        let calls = mem::take(&mut self.calls);
        self.tell(calls.into_iter().map(Outcome::Alone).collect());
    }
}

#[cfg(test)]
mod tests;
