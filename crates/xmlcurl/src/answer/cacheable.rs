//! How long the switch may keep a user.

use std::str::FromStr;

/// The value of a user's attribute `cacheable`: milliseconds, or `true` for until it is flushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cacheable(String);

/// FreeSWITCH makes microseconds of it in 32 bits (`switch_xml_locate_user_merged` in `switch_xml.c`); a user that may be
/// kept longer would be out of date at once.
const MOST_MS: u32 = i32::MAX.unsigned_abs() / 1_000;

/// A text that is no such value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither \"true\" nor a number of milliseconds from 1 to {MOST_MS}")]
pub struct NotCacheable;

impl Cacheable {
    /// As it stands in an answer.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Cacheable {
    type Err = NotCacheable;

    fn from_str(text: &str) -> Result<Self, NotCacheable> {
        let is_number = || text.bytes().all(|byte| byte.is_ascii_digit());
        let in_range = || text.parse().is_ok_and(|ms: u32| (1..=MOST_MS).contains(&ms));
        if text == "true" || (is_number() && in_range()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotCacheable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_freeswitch_takes() {
        for good in ["true", "1", "60000", "2147483"] {
            assert_eq!(good.parse::<Cacheable>().unwrap().as_str(), good);
        }
        for bad in ["", "0", "+1", "-1", "1.5", "1s", "yes", "false", "TRUE", "2147484", "99999999999"] {
            assert_eq!(bad.parse::<Cacheable>(), Err(NotCacheable), "{bad}");
        }
    }
}
