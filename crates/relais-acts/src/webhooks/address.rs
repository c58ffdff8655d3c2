//! Where a webhook may go: https only, no password in the address, and never
//! into the network behind the server. What a name means is looked at when it
//! is called, not here: it may mean something else by then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

use crate::problem::ActError;

/// Longest address, in characters.
const LONGEST: usize = 500;

fn wrong(code: &str, message: (&str, &str)) -> ActError {
    ActError::field("url", code, message)
}

/// The address without spaces around it, and its host. In a drill the machine
/// itself may be called without https, to try a receiver.
///
/// # Errors
/// [`ActError::Invalid`] for the field `url`.
pub(super) fn checked(url: &str, drill: bool) -> Result<(String, String), ActError> {
    let url = url.trim();
    let malformed = || {
        wrong(
            "malformed",
            (
                "Donnez une adresse entière, comme https://systeme.exemple.cm/relais.",
                "Give a whole address, as https://system.example.cm/relais.",
            ),
        )
    };
    if url.chars().count() > LONGEST {
        return Err(wrong(
            "too_long",
            (
                "L’adresse dépasse 500 signes : raccourcissez-la.",
                "The address exceeds 500 characters: shorten it.",
            ),
        ));
    }
    if url.contains('#') || !url.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(malformed());
    }
    let parsed: Uri = url.parse().map_err(|_| malformed())?;
    let host = parsed.host().filter(|h| !h.is_empty()).ok_or_else(malformed)?;
    if parsed.authority().is_some_and(|a| a.as_str().contains('@')) {
        return Err(wrong(
            "password",
            (
                "L’adresse ne porte ni nom ni mot de passe : la signature prouve d’où vient l’appel.",
                "The address carries neither name nor password: the signature proves where the call comes from.",
            ),
        ));
    }
    match parsed.scheme_str() {
        Some("https") => {}
        Some("http") if drill && is_this_machine(host) => {}
        Some("http") => {
            return Err(wrong(
                "not_https",
                (
                    "L’adresse commence par https:// : rien ne part en clair.",
                    "The address begins with https://: nothing goes in clear.",
                ),
            ));
        }
        _ => return Err(malformed()),
    }
    let host = host.to_ascii_lowercase();
    Ok((url.to_owned(), host))
}

/// Whether a host names the machine itself and nothing else.
fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an address lies in the open network: neither this machine, nor the
/// network behind it, nor an address that stands for another one inside.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let inside = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        // "This network", shared address space, protocol assignments and relays, benchmarks, reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !inside
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, ..] = ip.segments();
    let last_four = || {
        let o = ip.octets();
        Ipv4Addr::new(o[12], o[13], o[14], o[15])
    };
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // What translates to an address of version 4 is as public as that one.
    if (a, b, c, d, e, f) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return is_public_v4(last_four());
    }
    if a == 0x2002 {
        let [high, low] = b.to_be_bytes();
        let [next, last] = c.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(high, low, next, last));
    }
    // Global unicast, less documentation, Teredo and the other special blocks of 2001::/23.
    (a & 0xe000) == 0x2000 && !(a == 0x2001 && b < 0x200) && !(a == 0x2001 && b == 0xdb8) && (a & 0xfff0) != 0x3ff0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(url: &str, drill: bool) -> String {
        match checked(url, drill) {
            Ok((_, host)) => host,
            Err(ActError::Invalid(fields)) => fields[0].code.clone(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn only_https_is_taken_and_in_a_drill_this_machine() {
        for (url, real, drill) in [
            (
                " https://systeme.exemple.cm/relais?v=1 ",
                "systeme.exemple.cm",
                "systeme.exemple.cm",
            ),
            (
                "https://SYSTEME.exemple.cm:8443/",
                "systeme.exemple.cm",
                "systeme.exemple.cm",
            ),
            ("http://systeme.exemple.cm/", "not_https", "not_https"),
            ("http://127.0.0.1:9000/a", "not_https", "127.0.0.1"),
            ("http://localhost:9000/a", "not_https", "localhost"),
            ("http://[::1]:9000/a", "not_https", "[::1]"),
            ("http://127.0.0.1.exemple.cm/a", "not_https", "not_https"),
            ("http://localhost.exemple.cm/a", "not_https", "not_https"),
            ("https://nom:mot@systeme.exemple.cm/", "password", "password"),
            ("https://127.0.0.1@systeme.exemple.cm/", "password", "password"),
            ("ftp://systeme.exemple.cm/", "malformed", "malformed"),
            ("file:///etc/passwd", "malformed", "malformed"),
            ("systeme.exemple.cm/relais", "malformed", "malformed"),
            ("/relais", "malformed", "malformed"),
            ("https://", "malformed", "malformed"),
            ("https://systeme.exemple.cm/a#b", "malformed", "malformed"),
            ("https://systeme.exemple.cm/a b", "malformed", "malformed"),
            ("https://systeme.exemple.cm/a\r\nX: y", "malformed", "malformed"),
            ("", "malformed", "malformed"),
        ] {
            assert_eq!(code(url, false), real, "{url}");
            assert_eq!(code(url, true), drill, "{url} in a drill");
        }
        let long = format!("https://systeme.exemple.cm/{}", "a".repeat(500));
        assert_eq!(code(&long, true), "too_long");
    }

    #[test]
    fn what_lies_behind_the_server_is_not_public() {
        for inside in [
            "127.0.0.1",
            "127.8.9.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::10.0.0.1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().expect("an address")), "{inside}");
        }
        for open in [
            "1.1.1.1",
            "41.202.219.1",
            "172.15.255.255",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:41.202.219.1",
            "64:ff9b::1.1.1.1",
            "2002:101:101::1",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2c0f:fb50:4003::1",
        ] {
            assert!(is_public(open.parse().expect("an address")), "{open}");
        }
    }
}
