//! Attempts to sign in, rationed per login and per address. Counted in memory:
//! a restart forgives, a second process counts its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// Failures of one login in a minute.
const PER_LOGIN: u32 = 5;
/// Failures from one address in a minute: an arrivals hall shares one.
const PER_ADDRESS: u32 = 30;
/// Looks into the public directory from one address in a minute [P]: a
/// telephone operator puts hundreds of readers behind one address, and none of
/// them should be turned away; a program that copies the directory has HSDS.
const LOOKS_PER_ADDRESS: u32 = 600;
/// How long they are remembered.
const WINDOW: Duration = Duration::from_secs(60);
/// How many keys are kept before the old ones are swept.
const SWEEP_AT: usize = 10_000;

/// Who tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// The login's hash: what is typed there by mistake is often a password.
    Login([u8; 32]),
    Address(IpAddr),
}

/// The ration of attempts.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<Key, (Instant, u32)>>);

impl Limiter {
    fn keys(login: &str, address: IpAddr) -> [(Key, u32); 2] {
        let login = Sha256::digest(login.trim().to_lowercase().as_bytes()).into();
        [(Key::Login(login), PER_LOGIN), (Key::Address(address), PER_ADDRESS)]
    }

    /// Takes one attempt; false when the ration is used up.
    pub(crate) fn take(&self, login: &str, address: IpAddr, now: Instant) -> bool {
        self.take_all(Self::keys(login, address), now)
    }

    /// Takes one look from an address, whatever it looks at; false when the ration
    /// is used up.
    pub(crate) fn take_look(&self, address: IpAddr, now: Instant) -> bool {
        self.take_all([(Key::Address(address), LOOKS_PER_ADDRESS)], now)
    }

    fn take_all<const N: usize>(&self, keys: [(Key, u32); N], now: Instant) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() > SWEEP_AT {
            seen.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        }
        let mut free = true;
        for (key, most) in keys {
            let (since, count) = seen.entry(key).or_insert((now, 0));
            if now.duration_since(*since) >= WINDOW {
                (*since, *count) = (now, 0);
            }
            *count = count.saturating_add(1);
            free &= *count <= most;
        }
        free
    }

    /// Gives the attempt back: the password was right.
    pub(crate) fn give_back(&self, login: &str, address: IpAddr) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in Self::keys(login, address) {
            if let Some((_, count)) = seen.get_mut(&key) {
                *count = count.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_login_is_rationed_and_freed_after_a_minute() {
        let (limiter, start) = (Limiter::default(), Instant::now());
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        for _ in 0..PER_LOGIN {
            assert!(limiter.take("a.bello", here, start));
        }
        assert!(
            !limiter.take("A.Bello ", here, start),
            "case and spaces do not make another login"
        );
        assert!(limiter.take("c.abena", here, start));
        assert!(limiter.take("a.bello", here, start + WINDOW));
    }

    #[test]
    fn right_passwords_do_not_use_up_the_address() {
        let (limiter, start) = (Limiter::default(), Instant::now());
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        for n in 0..100 {
            let login = format!("user{n}");
            assert!(limiter.take(&login, here, start));
            limiter.give_back(&login, here);
        }
    }

    #[test]
    fn looks_are_rationed_by_address_alone() {
        let (limiter, start) = (Limiter::default(), Instant::now());
        let [here, there] = [1, 2].map(|n| IpAddr::V4(Ipv4Addr::new(192, 0, 2, n)));
        for _ in 0..LOOKS_PER_ADDRESS {
            assert!(limiter.take_look(here, start));
        }
        assert!(!limiter.take_look(here, start));
        assert!(limiter.take_look(there, start));
        assert!(limiter.take_look(here, start + WINDOW));
    }
}
