//! Rate limits per client.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::address::network;

type Buckets = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>;

/// A rate per minute for each client, allowing bursts; or no limit.
#[derive(Debug)]
pub struct Limiter(Option<Buckets>);

impl Limiter {
    /// Allows `most` per minute; 0: any number.
    pub fn per_minute(most: u32) -> Self {
        Self(NonZeroU32::new(most).map(|most| RateLimiter::hashmap(Quota::per_minute(most))))
    }

    /// Counts one request; if over the limit, returns how long to wait.
    pub fn count(&self, client: IpAddr) -> Result<(), Duration> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        let counted = buckets.check_key(&network(client));
        counted.map_err(|refused| refused.wait_time_from(DefaultClock::default().now()))
    }

    /// Forgets inactive clients.
    pub fn forget(&self) {
        if let Some(buckets) = &self.0 {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}
