//! Where what clients send is decoded and checked: on threads of their own, a few requests at a time.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Semaphore;

/// Requests at a time; a layout picture with the longest sides takes 200 MB while it is decoded.
const PLACES: usize = 2;

/// A few places; whoever finds none free waits for one.
#[derive(Debug)]
pub struct BlockingPool(Arc<Semaphore>);

impl Default for BlockingPool {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

impl BlockingPool {
    /// Runs what takes a processor and memory for a moment. It keeps its place until it is done, even if whoever asked has
    /// left.
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

    /// Looks once whether something is done.
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
            // Whoever asked leaves at once.
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
