//! The time test of a condition or `<regex>` (`switch_xml_std_datetime_check`).

use custompbx_model::Node;
use custompbx_model::variables::Variables;
use jiff::Timestamp;

use super::clock::{Clock, ProcessZone};
use super::compare::{number_is_in, time_is_in, weekday_is_in};
use super::date;
use super::posix::Timezones;
use crate::text::Text;
use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;
use crate::words::{atoi, is_number, is_true};

/// Rule 50: the attributes, in the order in which they are tested.
pub(crate) const ATTRIBUTES: [&str; 14] = [
    "tz-offset",
    "dst",
    "date-time",
    "year",
    "yday",
    "mon",
    "mday",
    "week",
    "mweek",
    "wday",
    "hour",
    "minute",
    "minute-of-day",
    "time-of-day",
];

/// The number of hours with which the switch says that it does not know them.
const UNKNOWN_OFFSET: i32 = -1000;

/// The attributes about time of one element, if it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeTest {
    /// Those that are there, in the order of [`ATTRIBUTES`].
    attributes: Vec<(&'static str, Text)>,
}

/// What a time test looks at.
pub(crate) struct Now<'a> {
    pub(crate) moment: Timestamp,
    pub(crate) process: &'a ProcessZone,
    pub(crate) timezones: &'a Timezones,
    /// Rule 49: the variable, if it is a number.
    pub(crate) tod_tz_offset: Option<i32>,
    /// Rule 49: the variable, if it is not empty.
    pub(crate) timezone: Option<Value>,
}

impl TimeTest {
    pub(crate) fn of(node: &Node, globals: Option<&Variables>) -> Option<Self> {
        // Most conditions have none.
        if !node.attributes.iter().any(|(name, _)| ATTRIBUTES.contains(&&**name)) {
            return None;
        }
        let text = |name: &&'static str| Some((*name, Text::of(node.attribute(name)?, globals)));
        // Rule 50: `dst=""` is no test, every other empty attribute is.
        let counts = |(name, text): &(&str, Text)| *name != "dst" || !text.shown().is_empty();
        let attributes: Vec<_> = ATTRIBUTES.iter().filter_map(text).filter(counts).collect();
        (!attributes.is_empty()).then_some(Self { attributes })
    }

    pub(crate) fn attributes(&self) -> &[(&'static str, Text)] {
        &self.attributes
    }

    /// Whether all of them hold; else the attribute at which that cannot be known.
    pub(crate) fn passes(&self, now: &Now<'_>) -> Result<bool, (&'static str, Box<Why>)> {
        for (name, text) in &self.attributes {
            if !holds(name, text, now).map_err(|why| (*name, why))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn holds(name: &str, text: &Text, now: &Now<'_>) -> Known<bool> {
    let text = text.known()?;
    match name {
        // Rule 51: what is no number is taken for the offset itself.
        "tz-offset" if text.is_empty() || !is_number(text) || atoi(text) == UNKNOWN_OFFSET => {
            return Ok(true);
        }
        "tz-offset" => return Ok(i64::from(atoi(text)) == now.hours_of_offset()?),
        // Rule 52: the zone of the process, whatever the variables say.
        "dst" if !is_true(text) => return Ok(false),
        "dst" => return now.process.at(now.moment).1.map_or_else(|| unknown(Why::ProcessZone), Ok),
        "date-time" => return date::is_in(text, now.moment, now.process),
        _ => {}
    }
    let clock = now.clock()?;
    // Rule 53.
    Ok(match name {
        "year" => number_is_in(text, clock.year),
        "yday" => number_is_in(text, clock.day_of_year + 1),
        "mon" => number_is_in(text, clock.month + 1),
        "mday" => number_is_in(text, clock.day),
        "week" => number_is_in(text, clock.day_of_year / 7 + 1),
        "mweek" => number_is_in(text, week_of_month(&clock)),
        "wday" => weekday_is_in(text, clock.weekday + 1),
        "hour" => number_is_in(text, clock.hour),
        "minute" => number_is_in(text, clock.minute),
        "minute-of-day" => number_is_in(text, clock.hour * 60 + clock.minute + 1),
        _ => time_is_in(text, clock.hour * 3600 + clock.minute * 60 + clock.second),
    })
}

/// Rule 53: C's remainder has the sign of what is divided.
fn week_of_month(clock: &Clock) -> i64 {
    let first = (7 - (clock.day - (clock.weekday + 1)) % 7) % 7;
    (clock.day + first + 6) / 7
}

impl Now<'_> {
    /// Rule 49.
    fn offset(&self) -> Known<i64> {
        let second = self.moment.as_microsecond().div_euclid(1_000_000);
        if let Some(hours) = self.tod_tz_offset {
            // Hours as an `int` of C.
            return Ok(i64::from(hours.wrapping_mul(3600)));
        }
        if let Some(name) = &self.timezone {
            let offset = self.timezones.offset(name.as_bytes(), second);
            return offset.map_or_else(|| unknown(Why::Timezone(name.clone())), Ok);
        }
        self.process.at(self.moment).0.map_or_else(|| unknown(Why::ProcessZone), |offset| Ok(offset.into()))
    }

    /// Rule 51: truncated towards zero.
    fn hours_of_offset(&self) -> Known<i64> {
        match self.tod_tz_offset {
            // The switch takes this one for "not known", and asks the clock.
            Some(hours) if hours != UNKNOWN_OFFSET => Ok(hours.into()),
            _ => Ok(self.offset()? / 3600),
        }
    }

    fn clock(&self) -> Known<Clock> {
        let second = self.moment.as_microsecond().div_euclid(1_000_000);
        Ok(Clock::of(second + self.offset()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(
        attributes: &[(&str, &str)],
        moment: &str,
        timezone: Option<&str>,
        offset: Option<i32>,
    ) -> Option<bool> {
        let mut node = Node::new("condition");
        for (name, value) in attributes {
            node.set_attribute(name, *value);
        }
        let test = TimeTest::of(&node, None).unwrap();
        let now = Now {
            moment: moment.parse().unwrap(),
            process: &ProcessZone::named("Europe/Berlin").unwrap(),
            timezones: &Timezones::new([("Asia/Tokyo", "JST-9")]),
            tod_tz_offset: offset,
            timezone: timezone.map(Value::from),
        };
        test.passes(&now).ok()
    }

    #[test]
    fn rules_49_to_53_which_clock() {
        let summer = "2026-07-01T22:30:00Z";
        assert_eq!(passes(&[("hour", "0"), ("mday", "2")], summer, None, None), Some(true));
        assert_eq!(passes(&[("hour", "7")], summer, Some("Asia/Tokyo"), None), Some(true));
        assert_eq!(passes(&[("hour", "22")], summer, Some("Asia/Tokyo"), Some(0)), Some(true));
        assert_eq!(passes(&[("hour", "7")], summer, Some("asia/tokyo"), None), None);
        assert_eq!(passes(&[("tz-offset", "2")], summer, None, None), Some(true));
        assert_eq!(passes(&[("tz-offset", "9")], summer, Some("Asia/Tokyo"), None), Some(true));
        assert_eq!(passes(&[("tz-offset", "x")], summer, None, None), Some(true));
        assert_eq!(passes(&[("dst", "true")], summer, Some("Asia/Tokyo"), None), Some(true));
        assert_eq!(passes(&[("dst", "false")], "2026-01-01T00:00:00Z", None, None), Some(false));
        assert_eq!(passes(&[("minute-of-day", "31")], summer, None, None), Some(true));
        assert_eq!(passes(&[("week", "27"), ("yday", "183")], summer, None, None), Some(true));
        assert_eq!(passes(&[("mweek", "1"), ("wday", "thu")], summer, None, None), Some(true));
        assert!(TimeTest::of(&Node::new("condition").with("dst", ""), None).is_none());
    }
}
