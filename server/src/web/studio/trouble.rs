//! Storage failures: what clients are told, and how long the painter retries.

use std::time::Duration;

use jobs::{StoreError, Trouble};

/// Delays before retries to store a result. Each attempt itself waits for some seconds.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// Words it for clients, without what only the host should know.
pub fn told(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Locked => "The server is busy with its database: try again.",
        Trouble::Full => "The server's disk is full: nothing new is taken in until its host has made room.",
        Trouble::Away => "The storage of the server's pictures does not answer: try again.",
    }
}

/// Retries while the database is locked, say by a backup: a result that took long is worth the wait.
pub async fn patiently<T, F>(write: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    with_pauses(&PAUSES, write).await
}

async fn with_pauses<T, F>(pauses: &[Duration], mut write: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for pause in pauses {
        match write().await {
            Err(error) if error.trouble() == Some(Trouble::Locked) => {
                tracing::warn!("tried again in {} s: {error}", pause.as_secs());
                tokio::time::sleep(*pause).await;
            }
            done => return done,
        }
    }
    write().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a write that fails so many times succeeds, and the number of attempts.
    async fn written(failures: usize, error: fn() -> sqlx::Error) -> (bool, usize) {
        let mut tries = 0;
        let write = || {
            tries += 1;
            let written = if tries > failures { Ok(()) } else { Err(StoreError::from(error())) };
            std::future::ready(written)
        };
        let is_written = with_pauses(&[Duration::ZERO; 4], write).await.is_ok();
        (is_written, tries)
    }

    #[tokio::test]
    async fn a_database_that_is_locked_for_a_while_loses_nothing_and_other_errors_are_told_at_once() {
        assert_eq!(written(0, || sqlx::Error::PoolTimedOut).await, (true, 1));
        assert_eq!(written(4, || sqlx::Error::PoolTimedOut).await, (true, 5));
        assert_eq!(written(5, || sqlx::Error::PoolTimedOut).await, (false, 5));
        assert_eq!(written(1, || sqlx::Error::RowNotFound).await, (false, 1));
    }
}
