//! Rule 57: ranges of dates (`switch_fulldate_cmp`, `switch_str_time`, and APR's `time.c`).

use jiff::Timestamp;

use super::clock::{Clock, ProcessZone};
use crate::undecidable::{Known, Why, unknown};
use crate::words::{atoi, is_space};

const MICROSECONDS: i64 = 1_000_000;
/// Summer time moves clocks by no more than this, in microseconds.
const MOST_SHIFT: i64 = 3 * 3600 * MICROSECONDS;

/// Whether the moment is in one of the ranges.
pub(super) fn is_in(list: &[u8], moment: Timestamp, zone: &ProcessZone) -> Known<bool> {
    let now = moment.as_microsecond();
    for range in list.split(|&byte| byte == b',') {
        let Some(tilde) = range.iter().position(|&byte| byte == b'~') else { continue };
        let start = end_of_range(&range[..tilde], moment, zone)?;
        let end = end_of_range(&range[tilde + 1..], moment, zone)?;
        let (Some(start), Some(end)) = (start, end) else { return Ok(false) };
        if !matches!(zone, ProcessZone::Named(_))
            && [start, end].iter().any(|end| end.saturating_sub(now).saturating_abs() < MOST_SHIFT)
        {
            return unknown(Why::ProcessZone);
        }
        if start <= now && now < end {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether each part of a list is a range with two ends that can be read.
pub(crate) fn dates_are_readable(list: &[u8]) -> bool {
    let is_readable = |end: &[u8]| {
        Written::read(end).is_some_and(|written| written.date.is_none_or(|date| date.has_month()))
    };
    list.split(|&byte| byte == b',').all(|range| {
        let tilde = range.iter().position(|&byte| byte == b'~');
        tilde.is_some_and(|tilde| is_readable(&range[..tilde]) && is_readable(&range[tilde + 1..]))
    })
}

/// One end of a range, as it is written.
struct Written {
    /// None stands for today.
    date: Option<Date>,
    hour: i64,
    minute: i64,
    second: i64,
}

#[derive(Clone, Copy)]
struct Date {
    year: i32,
    month: i32,
    day: i32,
}

impl Date {
    fn has_month(self) -> bool {
        (1..=12).contains(&self.month)
    }
}

impl Written {
    fn read(text: &[u8]) -> Option<Self> {
        Self::time(text).or_else(|| Self::date_and_time(text)).or_else(|| Self::digits(text))
    }

    /// `H[:M[:S]]`, each part any number of digits, or none.
    fn time(text: &[u8]) -> Option<Self> {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let (numbers, rest) = time_of(text);
        rest.is_empty().then(|| Self::new(None, numbers))
    }

    /// `Y-M-D`, and perhaps a time; what comes behind it is not looked at.
    fn date_and_time(text: &[u8]) -> Option<Self> {
        let (year, rest) = digits_of(text);
        let (month, rest) = digits_of(rest.strip_prefix(b"-")?);
        let (day, rest) = digits_of(rest.strip_prefix(b"-")?);
        if year.is_empty() || month.is_empty() || day.is_empty() {
            return None;
        }
        let blanks = rest.iter().take_while(|&&byte| is_space(byte)).count();
        let date = Date { year: atoi(year), month: atoi(month), day: atoi(day) };
        Some(Self::new(Some(date), time_of(&rest[blanks..]).0))
    }

    /// Fourteen digits, with something behind them that is no digit: alone they are the hours of a time.
    fn digits(text: &[u8]) -> Option<Self> {
        let digits = text.get(..14).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        let part = |from: usize, to: usize| &digits[from..to];
        let date = Date { year: atoi(part(0, 4)), month: atoi(part(4, 6)), day: atoi(part(6, 8)) };
        Some(Self::new(Some(date), [part(8, 10), part(10, 12), part(12, 14)]))
    }

    fn new(date: Option<Date>, [hour, minute, second]: [&[u8]; 3]) -> Self {
        let number = |text| i64::from(atoi(text));
        Self { date, hour: number(hour), minute: number(minute), second: number(second) }
    }
}

fn digits_of(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

/// Hours, minutes and seconds, with at most one colon between each, and what is behind them.
fn time_of(text: &[u8]) -> ([&[u8]; 3], &[u8]) {
    let after_colon = |rest: &'_ [u8]| rest.len() - rest.strip_prefix(b":").unwrap_or(rest).len();
    let (hour, rest) = digits_of(text);
    let (minute, rest) = digits_of(&rest[after_colon(rest)..]);
    let (second, rest) = digits_of(&rest[after_colon(rest)..]);
    ([hour, minute, second], rest)
}

/// The moment that one end of a range stands for, in microseconds; none if the switch cannot read it.
fn end_of_range(text: &[u8], moment: Timestamp, zone: &ProcessZone) -> Known<Option<i64>> {
    let Some(written) = Written::read(text) else { return Ok(None) };
    let now = moment.as_microsecond();
    let Some(offset) = zone.at(moment).0 else { return unknown(Why::ProcessZone) };
    let (year, month, day, rest) = match written.date {
        Some(date) if !date.has_month() => {
            return unknown(Why::UndefinedInSwitch("date-time with a month that there is not"));
        }
        Some(date) => {
            let year = i64::from(date.year.wrapping_sub(1900));
            (year, i64::from(date.month - 1), i64::from(date.day), 0)
        }
        None => {
            let today = Clock::of(now.div_euclid(MICROSECONDS) + i64::from(offset));
            // The switch takes the clock a little later than that of the call, and keeps the part of a second.
            let rest = (now.rem_euclid(MICROSECONDS) + 1).min(MICROSECONDS - 1);
            (today.year - 1900, today.month, today.day, rest)
        }
    };
    let Some(local) = seconds_of(year, month, day, &written) else { return Ok(None) };
    let local = local.wrapping_mul(MICROSECONDS).wrapping_add(rest);
    // The local time is taken for a moment to find out whether it is summer then.
    let then =
        Timestamp::from_microsecond(local).unwrap_or(if local < 0 { Timestamp::MIN } else { Timestamp::MAX });
    let offset = zone.at(then).0.unwrap_or(offset);
    let moment = local.wrapping_sub(i64::from(offset) * MICROSECONDS);
    Ok(Some(moment).filter(|moment| *moment != 0))
}

/// Seconds since 1970 as if the zone were UTC; none before that. Days and hours may be more than there are.
fn seconds_of(year: i64, month: i64, day: i64, time: &Written) -> Option<i64> {
    const DAYS_BEFORE: [i64; 12] = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
    let year = if month < 2 { year - 1 } else { year };
    let days = year * 365 + year / 4 - year / 100 + (year / 100 + 3) / 4;
    let days = days + DAYS_BEFORE.get(usize::try_from(month).ok()?)? + day - 1 - 25_508;
    let seconds = ((days * 24 + time.hour) * 60 + time.minute) * 60 + time.second;
    Some(seconds).filter(|seconds| *seconds >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin(list: &str, moment: &str) -> Known<bool> {
        let zone = ProcessZone::named("Europe/Berlin").unwrap();
        is_in(list.as_bytes(), moment.parse().unwrap(), &zone)
    }

    #[test]
    fn rule_57_dates() {
        for (list, moment, expected) in [
            ("2026-11-23 12:00~2026-11-23 13:00", "2026-11-23T11:00:00Z", true),
            ("2026-11-23 12:00~2026-11-23 13:00", "2026-11-23T12:00:00Z", false),
            ("2026-07-01~2026-07-02", "2026-06-30T22:00:00Z", true),
            ("2026-07-01~2026-07-02", "2026-06-30T21:59:59Z", false),
            ("11:00~12:00", "2026-11-23T10:30:00Z", true),
            ("20260101000000~20270101000000", "2026-11-23T10:30:00Z", false),
            ("x~y,2000-1-1~2100-1-1", "2026-11-23T10:30:00Z", false),
            ("x,2000-1-1~2100-1-1", "2026-11-23T10:30:00Z", true),
            ("2000-1-1T~2100-1-1x", "2026-11-23T10:30:00Z", true),
            ("~", "2026-11-23T10:30:00Z", false),
        ] {
            assert_eq!(berlin(list, moment), Ok(expected), "{list} {moment}");
        }
        assert!(berlin("2026-13-01~2027-1-1", "2026-11-23T10:30:00Z").is_err());
        assert!(dates_are_readable(b"2026-1-1~2026-2-1 10:00,8:00~9:00"));
        assert!(!dates_are_readable(b"2026-13-1~2026-2-1") && !dates_are_readable(b"x"));
    }

    #[test]
    fn an_offset_alone_is_enough_far_from_the_ends() {
        let zone = ProcessZone::Offset(3600);
        let now = "2026-11-23T10:30:00Z".parse().unwrap();
        assert_eq!(is_in(b"2026-1-1~2027-1-1", now, &zone), Ok(true));
        assert_eq!(is_in(b"10:00~12:00", now, &zone), Err(Box::new(Why::ProcessZone)));
        assert!(is_in(b"2026-1-1~2027-1-1", now, &ProcessZone::Unknown).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_range_is_answered(list in "[0-9: ,~x-]{0,60}", second in 0_i64..4_000_000_000) {
            let zone = ProcessZone::named("Europe/Berlin").unwrap();
            let _ = is_in(list.as_bytes(), Timestamp::from_second(second).unwrap(), &zone);
        }
    }
}
