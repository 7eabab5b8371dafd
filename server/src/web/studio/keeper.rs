//! What is done for the host again and again: giving up what nobody waits for, deleting what is old.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jobs::{Retention, StoreError};
use tokio::time::{Interval, MissedTickBehavior};

use super::queue::Queue;

/// What the host wants kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Upkeep {
    /// How long nobody may look at a job until it is cancelled.
    pub abandon: Option<Duration>,
    /// How long jobs are kept after their end.
    pub age: Option<Duration>,
    /// How many bytes of pictures and requests are kept.
    pub bytes: Option<u64>,
}

/// Between two looks at who still waits.
const LOOKS: Duration = Duration::from_secs(5);

/// Between two looks at what is old, which are long where much is kept.
const TIDYING: Duration = Duration::from_secs(60);

/// Looks after the queue for as long as there is a server.
pub async fn run(queue: Arc<Queue>, upkeep: Upkeep) {
    let (mut looks, mut tidying) = (interval(LOOKS), interval(TIDYING));
    loop {
        let done = tokio::select! {
            _ = looks.tick() => queue.give_up(Instant::now()).await,
            _ = tidying.tick() => tidy(&queue, upkeep).await,
        };
        if let Err(error) = done {
            tracing::error!("jobs: {error}");
        }
    }
}

/// Takes jobs up again whose lease has run out, until one that is painted here is among them. Nothing can end a step
/// that hangs, in a driver say, but the end of the process: the next one paints the job that waits again. What else is
/// painted here is given back, and has lost no attempt.
pub async fn stall(queue: &Queue) {
    let mut looks = interval(LOOKS);
    loop {
        looks.tick().await;
        match queue.take_up(jobs::lease_time()).await {
            Ok(true) => return queue.close().await,
            Ok(false) => {}
            Err(error) => tracing::error!("jobs: {error}"),
        }
    }
}

/// Without hurrying to make up for what was missed.
fn interval(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

async fn tidy(queue: &Queue, upkeep: Upkeep) -> Result<(), StoreError> {
    let since = upkeep.age.map(|age| jobs::now() - age.as_millis() as i64);
    queue.forget().await?;
    while queue.store().tidy(Retention { since, bytes: upkeep.bytes }).await? > 0 {}
    Ok(())
}
