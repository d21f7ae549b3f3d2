//! A moment as hours, days and months, and the zone of the switch's process.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// The time zone of the switch's process.
#[derive(Clone, Debug, Default)]
pub enum ProcessZone {
    /// Known, so its rules are known too.
    Named(TimeZone),
    /// Seconds east of UTC at the moment of the call; whether that is summer time is not known.
    Offset(i32),
    /// Not known at all.
    #[default]
    Unknown,
}

impl ProcessZone {
    /// The zone of this name in the database of time zones that comes with the program, whatever the machine has; or
    /// one that is written as the variable `TZ` has it.
    pub fn named(name: &str) -> Option<Self> {
        let known = TimeZoneDatabase::bundled().get(name).ok();
        known.or_else(|| TimeZone::posix(name).ok()).map(Self::Named)
    }

    /// The offset from UTC at a moment, and whether that is summer time; as far as either is known.
    pub(super) fn at(&self, moment: Timestamp) -> (Option<i32>, Option<bool>) {
        match self {
            Self::Named(zone) => {
                let info = zone.to_offset_info(moment);
                (Some(info.offset().seconds()), Some(info.dst().is_dst()))
            }
            Self::Offset(offset) => (Some(*offset), None),
            Self::Unknown => (None, None),
        }
    }
}

/// Year, month, day and time of day, as C's `struct tm` has them: months and days of the year from 0, days of the
/// week from 0 for Sunday; but the year is that of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) weekday: i64,
    pub(super) day_of_year: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Clock {
    /// Of seconds since 1970, the offset already added.
    pub(super) fn of(seconds: i64) -> Self {
        let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        Self {
            year,
            month: month - 1,
            day,
            weekday: (days + 4).rem_euclid(7),
            day_of_year: days - days_before(year, 1, 1),
            hour: time / 3600,
            minute: time / 60 % 60,
            second: time % 60,
        }
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; months from 1.
pub(super) fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month from 1 and day, so many days after 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * day_of_year + 2) / 153;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * march_based + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Days become dates as jiff makes them.
        #[test]
        fn dates_are_those_of_the_calendar(seconds in -100_000_000_000_i64..200_000_000_000) {
            let there = Timestamp::from_second(seconds).unwrap().to_zoned(TimeZone::UTC);
            let here = Clock::of(seconds);
            proptest::prop_assert_eq!(
                (here.year, here.month + 1, here.day, here.day_of_year + 1, here.hour, here.minute, here.second),
                (
                    i64::from(there.year()),
                    i64::from(there.month()),
                    i64::from(there.day()),
                    i64::from(there.day_of_year()),
                    i64::from(there.hour()),
                    i64::from(there.minute()),
                    i64::from(there.second())
                )
            );
            proptest::prop_assert_eq!(here.weekday, i64::from(there.weekday().to_sunday_zero_offset()));
        }
    }

    #[test]
    fn zones_do_not_depend_on_the_machine() {
        let zone = ProcessZone::named("Europe/Berlin").unwrap();
        let summer = Timestamp::from_second(1_783_000_000).unwrap();
        assert_eq!(zone.at(summer), (Some(7200), Some(true)));
        assert_eq!(
            ProcessZone::named("CET-1CEST,M3.5.0,M10.5.0/3").unwrap().at(summer),
            (Some(7200), Some(true))
        );
        assert!(ProcessZone::named("Nowhere/None").is_none());
        assert_eq!(ProcessZone::Offset(60).at(summer), (Some(60), None));
    }
}
