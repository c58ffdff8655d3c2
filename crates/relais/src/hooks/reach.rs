//! Whom a webhook may reach: a name is looked up, what it means is checked, and
//! the call goes to the address that was checked. An organisation's webhook must
//! not become a hand into the network behind the server.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use relais_acts::webhooks::is_public;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver as Resolve};
use ureq::unversioned::transport::NextTimeout;

/// What is said of an address that may not be reached.
const PRIVATE: &str = "private_address";
/// What is said of a call in clear.
const CLEAR: &str = "not_https";

/// Looks up names, and lets no address through that may not be reached.
#[derive(Debug)]
pub struct Resolver {
    names: DefaultResolver,
    /// Private addresses may be reached.
    private: bool,
    /// This machine may be reached, in clear too.
    drill: bool,
}

/// Why a name was not let through.
#[derive(Debug)]
struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

impl Resolver {
    /// As a deployment is set up.
    pub fn new(private: bool, drill: bool) -> Self {
        Self {
            names: DefaultResolver::default(),
            private,
            drill,
        }
    }

    /// Whether a call may go to this address.
    fn may_reach(&self, ip: IpAddr, in_clear: bool) -> Result<(), &'static str> {
        let here = ip.to_canonical().is_loopback();
        if in_clear && !(self.drill && here) {
            return Err(CLEAR);
        }
        if is_public(ip) || (self.drill && here) {
            return Ok(());
        }
        let network = match ip.to_canonical() {
            IpAddr::V4(ip) => ip.is_private(),
            IpAddr::V6(ip) => (ip.segments()[0] & 0xfe00) == 0xfc00,
        };
        // The machine itself, link-local addresses (where clouds keep their keys) and the like: never.
        if self.private && network { Ok(()) } else { Err(PRIVATE) }
    }

    /// The addresses that may be reached, none of them where one may not: who
    /// answers now with the one and then with the other is not to be trusted.
    fn checked(&self, found: &[SocketAddr], in_clear: bool) -> Result<(), ureq::Error> {
        for address in found {
            self.may_reach(address.ip(), in_clear)
                .map_err(|why| ureq::Error::Other(Box::new(Refused(why))))?;
        }
        Ok(())
    }
}

impl Resolve for Resolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        self.checked(&found, uri.scheme_str() != Some("https"))?;
        Ok(found)
    }
}

/// Why a call came to nothing, as a code: no word of the answer, no address.
pub fn why(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timeout",
        ureq::Error::HostNotFound => "unknown_host",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => "certificate",
        ureq::Error::Other(cause) => cause.downcast_ref::<Refused>().map_or("unreachable", |r| r.0),
        _ => "unreachable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(private: bool, drill: bool, ip: &str, in_clear: bool) -> Result<(), &'static str> {
        Resolver::new(private, drill).may_reach(ip.parse().expect("an address"), in_clear)
    }

    #[test]
    fn the_network_behind_the_server_is_closed_unless_the_setting_opens_it() {
        for (ip, plain, private, drill) in [
            ("41.202.219.1", Ok(()), Ok(()), Ok(())),
            ("10.0.0.7", Err(PRIVATE), Ok(()), Err(PRIVATE)),
            ("192.168.1.1", Err(PRIVATE), Ok(()), Err(PRIVATE)),
            ("fd00::7", Err(PRIVATE), Ok(()), Err(PRIVATE)),
            ("::ffff:10.0.0.7", Err(PRIVATE), Ok(()), Err(PRIVATE)),
            ("127.0.0.1", Err(PRIVATE), Err(PRIVATE), Ok(())),
            ("::1", Err(PRIVATE), Err(PRIVATE), Ok(())),
            ("::ffff:127.0.0.1", Err(PRIVATE), Err(PRIVATE), Ok(())),
            ("169.254.169.254", Err(PRIVATE), Err(PRIVATE), Err(PRIVATE)),
            ("fe80::1", Err(PRIVATE), Err(PRIVATE), Err(PRIVATE)),
            ("0.0.0.0", Err(PRIVATE), Err(PRIVATE), Err(PRIVATE)),
        ] {
            assert_eq!(reach(false, false, ip, false), plain, "{ip}");
            assert_eq!(reach(true, false, ip, false), private, "{ip} with the setting");
            assert_eq!(reach(false, true, ip, false), drill, "{ip} in a drill");
        }
    }

    #[test]
    fn nothing_goes_in_clear_but_to_this_machine_in_a_drill() {
        assert_eq!(reach(true, false, "41.202.219.1", true), Err(CLEAR));
        assert_eq!(reach(true, false, "127.0.0.1", true), Err(CLEAR));
        assert_eq!(reach(true, true, "10.0.0.7", true), Err(CLEAR));
        assert_eq!(reach(false, true, "127.0.0.1", true), Ok(()));
    }

    #[test]
    fn one_address_that_may_not_be_reached_closes_the_name() {
        let resolver = Resolver::new(false, false);
        let at = |ip: &str| SocketAddr::new(ip.parse().expect("an address"), 443);
        assert!(resolver.checked(&[at("41.202.219.1")], false).is_ok());
        let error = resolver
            .checked(&[at("41.202.219.1"), at("127.0.0.1")], false)
            .expect_err("refused");
        assert_eq!(why(&error), PRIVATE);
    }
}
