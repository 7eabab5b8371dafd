//! What is done for the host again and again: giving up what nobody waits for, deleting what is old.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jobs::{Keep, StoreError};

use super::queue::Queue;

/// What the host wants kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Upkeep {
    /// Jobs that nobody looks at for so long are cancelled.
    pub abandon: Option<Duration>,
    /// So long jobs are kept after their end.
    pub age: Option<Duration>,
    /// So many bytes of pictures are kept.
    pub bytes: Option<u64>,
}

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(5);

/// Looks after the queue for as long as there is a server.
pub async fn run(queue: Arc<Queue>, upkeep: Upkeep) {
    loop {
        if let Err(error) = look(&queue, upkeep).await {
            tracing::error!("jobs: {error}");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

async fn look(queue: &Queue, upkeep: Upkeep) -> Result<(), StoreError> {
    if let Some(grace) = upkeep.abandon {
        queue.give_up(grace, Instant::now()).await?;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = upkeep.age.map(|age| now.saturating_sub(age).as_millis() as i64);
    while queue.store().tidy(Keep { since, bytes: upkeep.bytes }).await? > 0 {}
    Ok(())
}
