//! Limits the concurrent connections per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::address::{Proxies, network};

/// Open connections by address or network; a trusted proxy's serve many clients and are not counted.
#[derive(Debug)]
pub struct ConnectionLimit {
    most: usize,
    proxies: Proxies,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// An open connection, counted until this is dropped.
#[derive(Debug)]
pub struct Connection {
    limit: Arc<ConnectionLimit>,
    /// The network that is counted, if any.
    network: Option<IpAddr>,
}

impl ConnectionLimit {
    /// Allows `most` connections per address; 0: any number.
    pub fn new(most: u32, proxies: Proxies) -> Self {
        let most = if most == 0 { usize::MAX } else { most as usize };
        Self { most, proxies, open: Mutex::default() }
    }

    /// Admits a connection, unless its address has too many.
    pub fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Connection> {
        let peer = peer.to_canonical();
        let network = (!self.proxies.trust(peer)).then(|| network(peer));
        if let Some(network) = network {
            let mut open = self.open.lock();
            let count = open.entry(network).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(Connection { limit: Arc::clone(self), network })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut open = self.limit.open.lock();
        if let Some(count) = open.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_at_a_time_and_a_trusted_proxy_any_number() {
        let limit = Arc::new(ConnectionLimit::new(2, Proxies(vec!["10.0.0.0/8".parse().unwrap()])));
        let admit = |peer: &str| limit.admit(peer.parse().unwrap());
        let (one, _two) = (admit("1.1.1.1").unwrap(), admit("::ffff:1.1.1.1").unwrap());
        assert!(admit("1.1.1.1").is_none());
        let others = [admit("1.1.1.2"), admit("10.0.0.1"), admit("10.0.0.1"), admit("10.0.0.1")];
        assert!(others.iter().all(Option::is_some));
        drop(one);
        assert!(admit("1.1.1.1").is_some());
        drop((others, _two));
        assert!(limit.open.lock().is_empty(), "nobody is remembered who has left");
    }
}
