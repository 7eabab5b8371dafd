//! Decodes and checks client input on blocking threads, a few requests at a time.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Semaphore;

/// Concurrent requests; a layout picture with the longest sides takes 200 MB while it is decoded.
const PLACES: usize = 2;

/// Limits the concurrent requests; the others wait.
#[derive(Debug)]
pub struct BlockingPool(Arc<Semaphore>);

impl Default for BlockingPool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

impl BlockingPool {
    /// Runs short work that is heavy on CPU and memory. It keeps its permit until done, even if the caller
    /// has left.
    ///
    /// # Errors
    /// A panic.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let place = Arc::clone(&self.0).acquire_owned().await?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.context("what a client sent was looked at")
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::pin::pin;
    use std::sync::mpsc::channel;

    use super::*;

    /// Polls a future once and returns whether it is done.
    async fn is_done(work: impl Future) -> bool {
        tokio::select! {
            biased;
            _ = work => true,
            () = ready(()) => false,
        }
    }

    #[tokio::test]
    async fn so_much_is_looked_at_once_whether_somebody_waits_for_it_or_not() {
        let pool = BlockingPool::default();
        let mut ends = Vec::new();
        for _ in 0..PLACES {
            let (end, ended) = channel::<()>();
            // The caller leaves at once.
            assert!(!is_done(pool.run(move || ended.recv())).await);
            ends.push(end);
        }
        let mut next = pin!(pool.run(|| 7));
        assert!(!is_done(&mut next).await, "there is no place");
        ends.pop();
        assert_eq!(next.await.unwrap(), 7);
        assert!(pool.run(|| panic!("a bug")).await.is_err());
        assert_eq!(pool.run(|| 8).await.unwrap(), 8, "a panic gives its place back");
    }
}
