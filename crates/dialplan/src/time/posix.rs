//! The zones of `timezones.conf`, whose values are POSIX's `TZ` strings as the switch reads them (`tzparse` in
//! `switch_time.c`): what it does not understand is UTC.

use std::collections::HashMap;

use custompbx_model::Node;

use super::clock::{DAY, days_before};

/// The years for which the switch knows when summer time is.
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2037;
/// `M10.4.6/26` and the like: hours up to a week.
const MOST_HOURS: i64 = 24 * 7 - 1;

/// The zones of `timezones.conf`, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timezones(HashMap<String, Zone>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Zone {
    /// Seconds east of UTC outside of summer time.
    standard: i64,
    summer: i64,
    /// When it changes, and whether it is summer time from then on; in the order in which the switch writes them.
    changes: Vec<(i64, bool)>,
}

impl Timezones {
    /// Names and values; the case of a name counts.
    pub fn new<N: Into<String>, V: AsRef<str>>(zones: impl IntoIterator<Item = (N, V)>) -> Self {
        let named = |(name, value): (N, V)| (name.into(), Zone::parse(value.as_ref()));
        Self(zones.into_iter().map(named).filter(|(name, _)| !name.is_empty()).collect())
    }

    /// Those that FreeSWITCH comes with.
    pub fn vanilla() -> Self {
        let text = include_str!("../../data/timezones.conf.xml");
        let document = custompbx_model::xml::parse(text, &custompbx_model::xml::Limits::default());
        document.ok().and_then(|document| document.roots.first().map(Self::of)).unwrap_or_default()
    }

    /// The zones of the node `<configuration name="timezones.conf">`.
    pub fn of(configuration: &Node) -> Self {
        let Some(list) = configuration.child("timezones") else { return Self::default() };
        Self::new(list.children_named("zone").filter(|zone| zone.enabled).filter_map(|zone| {
            let value = zone.attribute("value").filter(|value| !value.is_empty())?;
            Some((zone.attribute("name")?, value))
        }))
    }

    /// Seconds east of UTC in a zone at a moment.
    pub(super) fn offset(&self, name: &[u8], moment: i64) -> Option<i64> {
        let zone = self.0.get(std::str::from_utf8(name).ok()?)?;
        Some(zone.offset(moment))
    }
}

impl Zone {
    fn offset(&self, moment: i64) -> i64 {
        let Some(first) = self.changes.first().filter(|(first, _)| moment >= *first) else {
            return self.standard;
        };
        let later = self.changes.iter().skip(1).position(|(change, _)| moment < *change);
        let last = match later {
            Some(later) => self.changes[later],
            None => self.changes.last().copied().unwrap_or(*first),
        };
        if last.1 { self.summer } else { self.standard }
    }

    fn parse(text: &str) -> Self {
        Reader { rest: text.as_bytes() }.zone().unwrap_or_default()
    }
}

struct Reader<'t> {
    rest: &'t [u8],
}

/// When summer time begins or ends.
struct Rule {
    day: Day,
    /// Seconds after midnight.
    time: i64,
}

enum Day {
    /// From 1, and there is no 29 February.
    Julian(i64),
    /// From 0.
    OfYear(i64),
    /// Month from 1, week from 1, day of the week from 0.
    OfWeek(i64, i64, i64),
}

impl Reader<'_> {
    fn zone(&mut self) -> Option<Zone> {
        self.name()?;
        let west = self.offset()?;
        if self.rest.is_empty() {
            return Some(Zone { standard: -west, ..Zone::default() });
        }
        self.name()?;
        let summer_west = match self.rest.first() {
            None | Some(b',' | b';') => west - 3600,
            Some(_) => self.offset()?,
        };
        if self.rest.is_empty() {
            // There are no rules to fall back on, so it is never summer.
            return Some(Zone { standard: -west, ..Zone::default() });
        }
        if !(self.take(b',') || self.take(b';')) {
            return None;
        }
        let start = self.rule()?;
        if !self.take(b',') {
            return None;
        }
        let end = self.rule()?;
        if !self.rest.is_empty() {
            return None;
        }
        let mut changes = Vec::new();
        for year in YEARS {
            let (start, end) = (start.moment(year, west), end.moment(year, summer_west));
            if start > end {
                changes.extend([(end, false), (start, true)]);
            } else {
                changes.extend([(start, true), (end, false)]);
            }
        }
        Some(Zone { standard: -west, summer: -summer_west, changes })
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// At least three characters; `<` and `>` mean nothing.
    fn name(&mut self) -> Option<()> {
        let ends = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b',' | b'-' | b'+');
        let length = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        self.rest = &self.rest[length..];
        (length >= 3).then_some(())
    }

    fn number(&mut self, least: i64, most: i64) -> Option<i64> {
        let mut number = 0;
        let mut digits = 0;
        while let Some(digit) = self.rest.first().filter(|byte| byte.is_ascii_digit()) {
            number = number * 10 + i64::from(digit - b'0');
            if number > most {
                return None;
            }
            digits += 1;
            self.rest = &self.rest[1..];
        }
        (digits > 0 && number >= least).then_some(number)
    }

    /// `hh[:mm[:ss]]`.
    fn seconds(&mut self) -> Option<i64> {
        let mut seconds = self.number(0, MOST_HOURS)? * 3600;
        if self.take(b':') {
            seconds += self.number(0, 59)? * 60;
            if self.take(b':') {
                seconds += self.number(0, 60)?;
            }
        }
        Some(seconds)
    }

    fn offset(&mut self) -> Option<i64> {
        let negative = self.take(b'-');
        if !negative {
            self.take(b'+');
        }
        let seconds = self.seconds()?;
        Some(if negative { -seconds } else { seconds })
    }

    fn rule(&mut self) -> Option<Rule> {
        let day = if self.take(b'J') {
            Day::Julian(self.number(1, 365)?)
        } else if self.take(b'M') {
            let month = self.number(1, 12)?;
            let week = self.take(b'.').then(|| self.number(1, 5))??;
            let day = self.take(b'.').then(|| self.number(0, 6))??;
            Day::OfWeek(month, week, day)
        } else {
            Day::OfYear(self.number(0, 365)?)
        };
        let time = if self.take(b'/') { self.seconds()? } else { 2 * 3600 };
        Some(Rule { day, time })
    }
}

impl Rule {
    /// When it is in a year, `west` seconds west of UTC.
    fn moment(&self, year: i64, west: i64) -> i64 {
        let first = days_before(year, 1, 1);
        let leap = days_before(year, 3, 1) - days_before(year, 2, 1) == 29;
        let day = match self.day {
            Day::Julian(day) => first + day - 1 + i64::from(leap && day >= 60),
            Day::OfYear(day) => first + day,
            Day::OfWeek(month, week, day) => {
                let first = days_before(year, month, 1);
                let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                let length = days_before(next_year, next, 1) - first;
                let mut found = (day - (first + 4).rem_euclid(7)).rem_euclid(7);
                for _ in 1..week {
                    if found + 7 >= length {
                        break;
                    }
                    found += 7;
                }
                first + found
            }
        };
        day * DAY + self.time + west
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(zone: &str, date: (i64, i64, i64), hour: i64) -> i64 {
        Zone::parse(zone).offset(days_before(date.0, date.1, date.2) * DAY + hour * 3600)
    }

    #[test]
    fn zones_change_when_their_rules_say() {
        let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        assert_eq!(offset(berlin, (2026, 3, 29), 0), 3600);
        assert_eq!(offset(berlin, (2026, 3, 29), 1), 7200);
        assert_eq!(offset(berlin, (2026, 10, 25), 0), 7200);
        assert_eq!(offset(berlin, (2026, 10, 25), 1), 3600);
        let south = "AEST-10AEDT,M10.1.0,M4.1.0/3";
        assert_eq!((offset(south, (2026, 1, 1), 0), offset(south, (2026, 7, 1), 0)), (39_600, 36_000));
        assert_eq!(offset("ACST-9:30", (2026, 1, 1), 0), 34_200);
        assert_eq!(offset("STD-0DST-2,M3.5.0/1,M10.5.0/3", (2026, 7, 1), 0), 7200);
        // After the last year it stays as it was.
        assert_eq!(offset(berlin, (2040, 7, 1), 0), 3600);
        assert_eq!(offset(berlin, (1960, 7, 1), 0), 3600);
    }

    #[test]
    fn what_the_switch_does_not_understand_is_utc() {
        for zone in ["STD2DST,M3.5.0/-1,M10.5.0/0", "<+03>-3", "X5", "EST", "", "EST5EDT,M13.1.0,M1.1.0"] {
            assert_eq!(offset(zone, (2026, 7, 1), 0), 0, "{zone}");
        }
        assert_eq!(offset("EST5EDT", (2026, 7, 1), 0), -18_000);
        assert_eq!(offset("EST5EDT,J60/2,J300", (2026, 7, 1), 0), -14_400);
        // The semicolon belongs to the name.
        assert_eq!(offset("EST5EDT;0,365", (2026, 7, 1), 0), 0);
    }
}
