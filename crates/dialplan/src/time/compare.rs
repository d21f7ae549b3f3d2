//! Lists of numbers, days and times of day, as attributes have them.

use crate::words::{as_int, same_word, strtol};

/// C's string: the byte at a place, or its end.
fn at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or(0)
}

/// Rule 54 (`switch_number_cmp`).
pub(super) fn number_is_in(list: &[u8], value: i64) -> bool {
    let mut place = 0;
    loop {
        let (a, read) = strtol(&list[place.min(list.len())..]);
        let a = i64::from(as_int(a));
        place += read;
        if at(list, place) == b'-' {
            place += 1;
            let (b, read) = strtol(&list[place..]);
            let b = i64::from(as_int(b));
            place += read;
            if is_between(value, a, b) {
                return true;
            }
        } else if a == value {
            return true;
        }
        if at(list, place) != b',' {
            return false;
        }
        place += 1;
    }
}

/// From `a` to `b`; beyond the end and from the beginning again if `a` is greater.
fn is_between(value: i64, a: i64, b: i64) -> bool {
    if a <= b { value >= a && value <= b } else { value >= a || value <= b }
}

/// Rule 55 (`switch_dow_cmp`); Sunday is 1.
pub(super) fn weekday_is_in(list: &[u8], value: i64) -> bool {
    let mut place = 0;
    let mut before: Option<i64> = None;
    let mut start: Option<i64> = None;
    while let Some(token) = weekday_token(list, &mut place) {
        match token {
            Token::Comma => before = None,
            Token::Hyphen => {
                start = before;
                before = Some(i64::from(b'-'));
            }
            Token::Day(day) => {
                if let Some(start) = start.take() {
                    if is_between(value, start, day) {
                        return true;
                    }
                } else if value == day {
                    return true;
                }
                before = Some(day);
            }
        }
    }
    false
}

enum Token {
    Comma,
    Hyphen,
    Day(i64),
}

/// None at the end, and at what is no token.
fn weekday_token(list: &[u8], place: &mut usize) -> Option<Token> {
    let byte = at(list, *place);
    let token = match byte {
        b',' => Token::Comma,
        b'-' => Token::Hyphen,
        b'1'..=b'7' => Token::Day(i64::from(byte - b'0')),
        _ => {
            let letters = list.get(*place..*place + 3)?;
            const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
            let day = DAYS.iter().position(|day| same_word(day.as_bytes(), letters))?;
            *place += 2;
            Token::Day(i64::try_from(day).ok()? + 1)
        }
    };
    *place += 1;
    Some(token)
}

/// Rule 56 (`switch_tod_cmp`); seconds since midnight.
pub(super) fn time_is_in(list: &[u8], value: i64) -> bool {
    list.split(|&byte| byte == b',').any(|range| {
        let Some((start, end)) = times_of(range) else { return false };
        is_between(value, start, end)
    })
}

/// `H:M[:S]-H:M[:S]`. The first colon ends the hours, so there must be one before the hyphen and one behind it.
fn times_of(range: &[u8]) -> Option<(i64, i64)> {
    let (hours, rest) = split(range, b':')?;
    let hyphen = rest.iter().position(|&byte| byte == b'-')?;
    let (start, end) = (&rest[..hyphen], &rest[hyphen + 1..]);
    let (end_hours, end) = split(end, b':')?;
    let seconds = |hours: &[u8], rest: &[u8]| {
        let (minutes, seconds) = split(rest, b':').unwrap_or((rest, b"00"));
        let part = |text: &[u8], factor: i64| strtol(text).0.wrapping_mul(factor);
        let sum = part(hours, 3600).wrapping_add(part(minutes, 60)).wrapping_add(part(seconds, 1));
        i64::from(as_int(sum))
    };
    Some((seconds(hours, start), seconds(end_hours, end)))
}

fn split(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&found| found == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Whether a list of numbers is one that somebody can have meant: every part is a number or a range.
pub(crate) fn numbers_are_readable(list: &[u8]) -> bool {
    list.split(|&byte| byte == b',').all(|part| {
        let (_, read) = strtol(part);
        let rest = &part[read..];
        read > 0
            && (rest.is_empty()
                || rest.strip_prefix(b"-").is_some_and(|end| {
                    let (_, read) = strtol(end);
                    read > 0 && read == end.len()
                }))
    })
}

/// Whether the switch reads a list of days to its end.
pub(crate) fn days_are_readable(list: &[u8]) -> bool {
    let mut place = 0;
    while weekday_token(list, &mut place).is_some() {}
    place >= list.len() && !list.is_empty()
}

/// Whether every part of a list of times of day is a range of times.
pub(crate) fn times_are_readable(list: &[u8]) -> bool {
    list.split(|&byte| byte == b',').all(|range| times_of(range).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_54_numbers() {
        for (list, value, is_in) in [
            ("9-17", 9, true),
            ("9-17", 18, false),
            ("18-8", 9, false),
            ("18-8", 23, true),
            ("1, 3", 3, true),
            ("1 ,3", 3, false),
            ("", 0, true),
            ("x", 0, true),
            ("x,3", 3, false),
            ("2000-", 2026, true),
            ("-5", -5, true),
            ("3-5,", 0, true),
        ] {
            assert_eq!(number_is_in(list.as_bytes(), value), is_in, "{list} {value}");
        }
    }

    #[test]
    fn rule_55_days() {
        for (list, value, is_in) in [
            ("mon-fri", 2, true),
            ("MON-fri", 7, false),
            ("2-6", 6, true),
            ("sat-sun", 1, true),
            ("sat-sun", 3, false),
            ("sunmon", 2, true),
            ("mon, tue", 3, false),
            ("fri-", 6, true),
            ("-fri", 6, true),
            ("monday", 2, true),
            ("monday,tue", 3, false),
            ("0,2", 2, false),
            ("", 1, false),
        ] {
            assert_eq!(weekday_is_in(list.as_bytes(), value), is_in, "{list} {value}");
        }
    }

    #[test]
    fn rule_56_times_of_day() {
        let at = |hours: i64, minutes: i64, seconds: i64| hours * 3600 + minutes * 60 + seconds;
        for (list, value, is_in) in [
            ("09:00-17:00", at(17, 0, 0), true),
            ("09:00-17:00", at(17, 0, 1), false),
            ("22:00-06:00", at(23, 0, 0), true),
            ("09:00:30-09:00:31", at(9, 0, 31), true),
            ("9-17", at(10, 0, 0), false),
            ("09:00", at(9, 0, 0), false),
            ("x,10:00-11:00", at(10, 0, 0), true),
            ("09:00-17", at(10, 0, 0), false),
        ] {
            assert_eq!(time_is_in(list.as_bytes(), value), is_in, "{list} {value}");
        }
        assert!(times_are_readable(b"1:0-2:0") && !times_are_readable(b"1:0-2:0,"));
        assert!(
            numbers_are_readable(b"1-2, 3") && !numbers_are_readable(b"1 ,2") && !numbers_are_readable(b"")
        );
        assert!(days_are_readable(b"mon-fri,1") && !days_are_readable(b"monday"));
    }

    proptest::proptest! {
        #[test]
        fn any_list_is_answered(list in "[0-9a-z:,~ -]{0,40}", value in 0_i64..86_400) {
            number_is_in(list.as_bytes(), value);
            weekday_is_in(list.as_bytes(), value);
            time_is_in(list.as_bytes(), value);
        }
    }
}
