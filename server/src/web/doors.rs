//! How many connections one address has at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::address::{Proxies, household};

/// What is open, counted by address; that of a trusted proxy stands for many clients and is not counted.
#[derive(Debug)]
pub struct Doors {
    most: usize,
    proxies: Proxies,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// An open connection.
#[derive(Debug)]
pub struct Visit {
    doors: Arc<Doors>,
    /// Who is counted, if anybody is.
    household: Option<IpAddr>,
}

impl Doors {
    /// `most` connections of one address; 0: any number.
    pub fn new(most: u32, proxies: Proxies) -> Self {
        let most = if most == 0 { usize::MAX } else { most as usize };
        Self { most, proxies, open: Mutex::default() }
    }

    /// Lets a connection in, unless its address has too many.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Visit> {
        let peer = peer.to_canonical();
        let household = (!self.proxies.trust(peer)).then(|| household(peer));
        if let Some(household) = household {
            let mut open = self.open();
            let count = open.entry(household).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(Visit { doors: Arc::clone(self), household })
    }

    /// A panic between two statements leaves nothing half-done in here.
    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let Some(household) = self.household else { return };
        let mut open = self.doors.open();
        if let Some(count) = open.get_mut(&household) {
            *count -= 1;
            if *count == 0 {
                open.remove(&household);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_at_a_time_and_a_trusted_proxy_any_number() {
        let doors = Arc::new(Doors::new(2, Proxies(vec!["10.0.0.0/8".parse().unwrap()])));
        let enter = |peer: &str| doors.enter(peer.parse().unwrap());
        let (one, _two) = (enter("1.1.1.1").unwrap(), enter("::ffff:1.1.1.1").unwrap());
        assert!(enter("1.1.1.1").is_none());
        let others = [enter("1.1.1.2"), enter("10.0.0.1"), enter("10.0.0.1"), enter("10.0.0.1")];
        assert!(others.iter().all(Option::is_some));
        drop(one);
        assert!(enter("1.1.1.1").is_some());
        drop((others, _two));
        assert!(doors.open().is_empty(), "nobody is remembered who has left");
    }
}
