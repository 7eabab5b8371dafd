//! The client's address, even behind proxies.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

const FORWARDED: &str = "x-forwarded-for";

/// The client address of a request.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The trusted proxies.
#[derive(Clone, Debug, Default)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    /// Is the address that of a trusted proxy?
    pub fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|proxy| proxy.contains(&address))
    }

    /// Returns the client's address: the peer's, or, if that is a trusted proxy, the last untrusted one of
    /// `X-Forwarded-For`. Whatever precedes it may be forged by the client.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(FORWARDED).into_iter().filter_map(|line| line.to_str().ok());
        let named: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        let mut client = peer.to_canonical();
        for named in named.into_iter().rev() {
            if !self.trust(client) {
                break;
            }
            match address(named.trim()) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
        }
        client
    }
}

/// An address, beside which some load balancers write the port.
fn address(named: &str) -> Option<IpAddr> {
    named.parse().ok().or_else(|| Some(named.parse::<SocketAddr>().ok()?.ip()))
}

/// The unit of counting: an IPv4 address, or an IPv6 network of the size that one customer has.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = Proxies(proxies.iter().map(|net| net.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        assert_eq!(client(&[], "9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
        let local: &[&str] = &["127.0.0.0/8", "10.0.0.0/8"];
        assert_eq!(client(local, "127.0.0.1", &["1.1.1.1"]), "1.1.1.1");
        assert_eq!(
            client(local, "127.0.0.1", &["6.6.6.6, 1.1.1.1"]),
            "1.1.1.1",
            "the client made up the first"
        );
        assert_eq!(client(local, "127.0.0.1", &["6.6.6.6", "1.1.1.1, 10.0.0.7"]), "1.1.1.1", "two proxies");
        assert_eq!(client(local, "127.0.0.1", &["nonsense"]), "127.0.0.1");
        assert_eq!(client(local, "127.0.0.1", &["1.1.1.1:5555"]), "1.1.1.1");
        assert_eq!(client(local, "127.0.0.1", &["[2001:db8::1]:5555"]), "2001:db8::1");
        assert_eq!(client(local, "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client(local, "::ffff:127.0.0.1", &["::ffff:1.1.1.1"]), "1.1.1.1");
    }

    #[test]
    fn a_customers_ipv6_addresses_are_counted_together() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:bbbb::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("1.1.1.1"), of("1.1.1.2"));
    }
}
