//! Answers for people: `status`, `version`, names.

use super::{Broken, is_absent, start};
use crate::live::rows::{Host, Word};
use crate::live::told;

/// How long a unit of the uptime is, in milliseconds. FreeSWITCH's years have 365 days.
const UNITS: &[(&str, u64)] = &[
    ("year", 365 * 86_400_000),
    ("day", 86_400_000),
    ("hour", 3_600_000),
    ("minute", 60_000),
    ("second", 1000),
    ("millisecond", 1),
];

/// The answer to `status`.
pub(in crate::live) fn status(answer: &str) -> Result<Host, Broken> {
    let mut host = Host::default();
    for line in answer.lines() {
        let line = line.trim();
        if let Some(uptime) = line.strip_prefix("UP ") {
            host.uptime_ms = Some(milliseconds(uptime));
        } else if let Some((count, rest)) = line.split_once(" session(s) ") {
            let after = |word: &str| {
                rest.split_once(word).and_then(|(_, rest)| told::number(rest.split(',').next()?))
            };
            let count = told::number(count);
            if rest == "since startup" {
                host.sessions_since_startup = count;
            } else if rest == "max" {
                host.sessions_max = count;
            } else if rest.starts_with("per Sec") {
                (host.sessions_per_sec, host.sessions_per_sec_max) = (count, after("out of max "));
            } else if rest.starts_with("- peak") {
                host.sessions = count;
                (host.sessions_peak, host.sessions_peak_five_min) = (after("- peak "), after("last 5min "));
            }
        } else if let Some(cpu) = line.strip_prefix("min idle cpu ") {
            host.idle_cpu = cpu.rsplit('/').next().and_then(percent);
        }
    }
    if host.uptime_ms.is_none() || host.sessions_max.is_none() {
        return Err(Broken(format!("it does not tell uptime and sessions: {:?}", start(answer))));
    }
    Ok(host)
}

fn milliseconds(uptime: &str) -> u64 {
    uptime.split(',').fold(0, |sum: u64, part| {
        let mut words = part.split_whitespace();
        let (number, unit) = (words.next().and_then(told::number::<u64>), words.next().unwrap_or_default());
        let unit = UNITS.iter().find(|(name, _)| unit.trim_end_matches('s') == *name);
        sum.saturating_add(number.unwrap_or(0).saturating_mul(unit.map_or(0, |(_, length)| *length)))
    })
}

/// A share, which is from 0 to 100.
pub(in crate::live) fn percent(text: &str) -> Option<f64> {
    told::number::<f64>(text).filter(|percent| (0.0..=100.0).contains(percent))
}

/// The answer to `version`.
pub(in crate::live) fn version(answer: &str) -> Result<Word, Broken> {
    let version = answer.trim().strip_prefix("FreeSWITCH Version ").and_then(|rest| rest.split(' ').next());
    version.and_then(told::word).ok_or_else(|| Broken(format!("it tells no version: {:?}", start(answer))))
}

/// The answer to `global_getvar core_uuid`, if it is one.
pub(in crate::live) fn core(answer: &str) -> Option<Word> {
    let core = answer.trim();
    let is_uuid = core.len() == 36 && core.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uuid.then(|| core.into())
}

/// The answer to `hostname` and `switchname`.
pub(in crate::live) fn name(answer: &str) -> Result<Word, Broken> {
    let name = answer.trim();
    if name.is_empty() || is_absent(answer) || name.contains(['\n', '\r']) {
        return Err(Broken(format!("it is no name: {:?}", start(answer))));
    }
    Ok(name.into())
}
