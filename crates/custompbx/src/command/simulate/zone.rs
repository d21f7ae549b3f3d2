//! The time zone of the switch's process, and where it was taken from.

use custompbx_dialplan::ProcessZone;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::failure::Failure;

/// A zone with what a person calls it.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    /// For the evaluation.
    pub(super) zone: ProcessZone,
    /// Its name, or the offset.
    pub(super) name: String,
    /// Who said so.
    pub(super) said_by: &'static str,
}

impl Zone {
    /// The zone that an option or a key names.
    pub(super) fn named(name: &str, said_by: &'static str) -> Result<Self, Failure> {
        match ProcessZone::named(name) {
            Some(zone) => Ok(Self { zone, name: name.to_owned(), said_by }),
            None => Err(Failure::because(format!(
                "{said_by} {name:?} is no time zone that is known; write a name such as Europe/Berlin, \
                 or a rule such as CET-1CEST,M3.5.0,M10.5.0/3"
            ))),
        }
    }

    /// What a request tells: seconds east of UTC at its moment.
    pub(super) fn of_request(zone: &ProcessZone) -> Option<Self> {
        let ProcessZone::Offset(seconds) = zone else { return None };
        let sign = if *seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        let name = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
        Some(Self { zone: zone.clone(), name, said_by: "the request" })
    }

    /// That of this machine, as `localtime` of C finds it. What cannot be found is UTC, as there.
    pub(super) fn of_system() -> Self {
        let found = match std::env::var("TZ") {
            Ok(name) => Some(name),
            Err(_) => std::fs::read_link("/etc/localtime")
                .map(|target| target.to_string_lossy().into_owned())
                .or_else(|_| std::fs::read_to_string("/etc/timezone"))
                .ok(),
        };
        let name = found.map(|name| {
            let name = name.trim().trim_start_matches(':');
            name.rsplit_once("zoneinfo/").map_or(name, |(_, name)| name).to_owned()
        });
        match name.and_then(|name| Some((ProcessZone::named(&name)?, name))) {
            Some((zone, name)) => Self { zone, name, said_by: "this machine" },
            None => Self {
                zone: ProcessZone::Named(TimeZone::UTC),
                name: "UTC".to_owned(),
                said_by: "this machine, whose zone was not found",
            },
        }
    }

    /// A moment in the zone, as RFC 3339 has it.
    pub(super) fn show(&self, moment: Timestamp) -> String {
        let zone = match &self.zone {
            ProcessZone::Named(zone) => zone.clone(),
            ProcessZone::Offset(seconds) => {
                Offset::from_seconds(*seconds).map_or(TimeZone::UTC, TimeZone::fixed)
            }
            ProcessZone::Unknown => TimeZone::UTC,
        };
        moment.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_their_zone() {
        let moment: Timestamp = "2026-11-23T00:30:00.5Z".parse().unwrap();
        let zone = Zone::named("Europe/Berlin", "--tz").unwrap();
        assert_eq!(zone.show(moment), "2026-11-23T01:30:00.5+01:00");
        let zone = Zone::of_request(&ProcessZone::Offset(-12_600)).unwrap();
        assert_eq!(
            (zone.name.as_str(), zone.show(moment).as_str()),
            ("-03:30", "2026-11-22T21:00:00.5-03:30")
        );
        assert!(Zone::of_request(&ProcessZone::Unknown).is_none());
    }
}
