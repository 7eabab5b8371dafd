//! Periodic upkeep: cancelling jobs that nobody waits for, deleting old ones.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jobs::{Retention, StoreError};
use tokio::time::{Interval, MissedTickBehavior};

use super::queue::Queue;

/// What the host wants to keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Upkeep {
    /// How long a job may go unwatched before it is cancelled.
    pub abandon: Option<Duration>,
    /// How long jobs are kept after they end.
    pub age: Option<Duration>,
    /// Limit on the bytes of pictures and requests.
    pub bytes: Option<u64>,
}

/// Interval between checks for abandoned jobs.
const LOOKS: Duration = Duration::from_secs(5);

/// Interval between checks for old jobs, which take long on a large store.
const TIDYING: Duration = Duration::from_secs(60);

/// Maintains the queue for as long as the server runs.
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

/// Requeues jobs whose lease has expired, until one of this process is among them. A step that hangs, say in
/// a driver, ends only with the process; the next one paints the requeued job. The other jobs painted here
/// are released without losing an attempt.
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

/// Does not catch up on missed ticks.
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
