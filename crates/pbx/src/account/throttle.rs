//! Slowing down those who guess passwords.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, Result};

/// Wrong passwords in [`WINDOW_MS`] before one has to wait, for each login and for each address.
const TRIES: usize = 10;
const WINDOW_MS: i64 = 60_000;
/// Counters that are kept; beyond it the oldest go first.
const MOST: usize = 10_000;

/// Counts wrong passwords.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Vec<i64>>>);

impl Throttle {
    /// Takes a try of `login` from `address`, or says how long to wait. It counts until [`Throttle::forgive`].
    pub(crate) fn take(&self, login: &str, address: IpAddr, now_ms: i64) -> Result<()> {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= MOST {
            counters.retain(|_, tries| tries.last().is_some_and(|last| now_ms - last < WINDOW_MS));
            evict(&mut counters);
        }
        let keys = keys(login, address);
        for key in &keys {
            let Some(tries) = counters.get_mut(key) else { continue };
            tries.retain(|at| now_ms - at < WINDOW_MS);
            if let (true, Some(first)) = (tries.len() >= TRIES, tries.first()) {
                let wait_ms = u64::try_from(WINDOW_MS - (now_ms - first)).unwrap_or_default();
                return Err(Error::TooManyTries { retry_after_s: wait_ms.div_ceil(1000).max(1) });
            }
        }
        for key in keys {
            counters.entry(key).or_default().push(now_ms);
        }
        Ok(())
    }

    /// Forgets the tries of a login that was right in the end. Those of the address stay: whoever owns one account
    /// could otherwise guess others for ever.
    pub(crate) fn forgive(&self, login: &str, address: IpAddr) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [login, address] = keys(login, address);
        counters.remove(&login);
        if let Some(tries) = counters.get_mut(&address) {
            tries.pop();
        }
    }
}

/// Makes room for a tenth more, so that this is not done for every try.
fn evict(counters: &mut HashMap<String, Vec<i64>>) {
    if counters.len() < MOST {
        return;
    }
    let mut last: Vec<(i64, String)> = counters
        .iter()
        .map(|(key, tries)| (tries.last().copied().unwrap_or_default(), key.clone()))
        .collect();
    last.sort_unstable();
    for (_, key) in last.iter().take(MOST / 10) {
        counters.remove(key);
    }
}

/// Whoever has one IPv6 address mostly has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::from((address.to_bits() & !u128::from(u64::MAX)).to_be_bytes()),
        address @ IpAddr::V4(_) => address,
    }
}

fn keys(login: &str, address: IpAddr) -> [String; 2] {
    let login: String = login.trim().to_lowercase().chars().take(100).collect();
    [format!("login {login}"), format!("address {}", network(address))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn ten_tries_a_minute_for_a_login_and_for_an_address() {
        let throttle = Throttle::default();
        for at in 0..10 {
            throttle.take("admin", address(at), i64::from(at) * 1000).unwrap();
        }
        let error = throttle.take("Admin ", address(99), 10_000).unwrap_err();
        assert!(matches!(error, Error::TooManyTries { retry_after_s: 50 }), "{error}");
        throttle.take("admin", address(99), 60_000).unwrap();

        let throttle = Throttle::default();
        for at in 0..10 {
            throttle.take(&format!("user{at}"), address(1), 0).unwrap();
        }
        assert!(throttle.take("another", address(1), 0).is_err());
        assert!(throttle.take("another", address(2), 0).is_ok());
    }

    #[test]
    fn a_right_password_is_no_guess() {
        let throttle = Throttle::default();
        for _ in 0..50 {
            throttle.take("admin", address(1), 0).unwrap();
            throttle.forgive("admin", address(1));
        }
    }

    #[test]
    fn counters_do_not_pile_up() {
        let throttle = Throttle::default();
        for at in 0..30_000_u32 {
            let _ = throttle.take(&at.to_string(), address(1), i64::from(at) * 100_000);
        }
        assert!(throttle.0.lock().unwrap().len() <= MOST + 2);
        // All in one minute.
        let throttle = Throttle::default();
        for at in 0..30_000_u32 {
            let _ = throttle.take(&at.to_string(), IpAddr::from(at.to_be_bytes()), i64::from(at));
        }
        let counters = throttle.0.lock().unwrap();
        assert!(counters.len() <= MOST + 2);
        assert!(counters.contains_key("login 29999") && !counters.contains_key("login 0"));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let throttle = Throttle::default();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for at in 0..10 {
            throttle.take(&format!("user{at}"), address(&format!("2001:db8::{at}")), 0).unwrap();
        }
        assert!(throttle.take("another", address("2001:db8::ffff:1:2:3"), 0).is_err());
        assert!(throttle.take("another", address("2001:db8:0:1::1"), 0).is_ok());
        for at in 0..10 {
            throttle.take(&format!("v4-{at}"), address("::ffff:192.0.2.1"), 0).unwrap();
        }
        assert!(throttle.take("another", address("192.0.2.1"), 0).is_err());
        assert!(throttle.take("another", address("192.0.2.2"), 0).is_ok());
    }
}
