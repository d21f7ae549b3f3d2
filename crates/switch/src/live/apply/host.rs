//! Events of the switch itself and of its modules.

use super::Heard;
use crate::live::parse::percent;
use crate::live::rows::{Host, Module};
use crate::live::table::Order;
use crate::live::told;
use crate::live::{Live, Part, Wanted};

/// It lives, and tells how it is. It knows better than anybody how many sessions it has.
pub(super) fn heartbeat(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    if live.tables.host.order(Host::KEY, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    let event = heard.event;
    let mut host = live.tables.host.get(Host::KEY).map(|row| Host::clone(row)).unwrap_or_default();
    for (field, place) in [
        ("FreeSWITCH-Hostname", &mut host.hostname),
        ("FreeSWITCH-Switchname", &mut host.switchname),
        ("Core-UUID", &mut host.core_uuid),
        ("FreeSWITCH-Version", &mut host.version),
    ] {
        if let Some(value) = event.get(field) {
            *place = told::word(value);
        }
    }
    for (field, place) in [
        ("Uptime-msec", &mut host.uptime_ms),
        ("Session-Count", &mut host.sessions),
        ("Session-Since-Startup", &mut host.sessions_since_startup),
        ("Session-Peak-Max", &mut host.sessions_peak),
        ("Session-Peak-FiveMin", &mut host.sessions_peak_five_min),
        ("Max-Sessions", &mut host.sessions_max),
        ("Session-Per-Sec-Last", &mut host.sessions_per_sec),
        ("Session-Per-Sec", &mut host.sessions_per_sec_max),
    ] {
        *place = event.number(field);
    }
    host.idle_cpu = event.get("Idle-CPU").and_then(percent);
    host.clock_offset_ms = event.at_us().map(|at_us| heard.now_ms.saturating_sub(at_us / 1000));
    host.heartbeat_ms = Some(heard.now_ms);
    let sessions = host.sessions;
    live.tables.host.put(host, heard.seq, &mut live.log);
    let channels = live.tables.channels.len() as u64;
    Wanted::when(sessions.is_some_and(|sessions| sessions != channels), Part::Channels)
}

/// It stops.
pub(super) fn shutdown(live: &mut Live, _heard: &Heard<'_>) -> Wanted {
    live.clear();
    Wanted::NONE
}

/// What lives in a module, and has to be read when it comes or goes.
fn parts(module: &str) -> Wanted {
    match module {
        "mod_sofia" => Wanted::from(Part::Sofia) | Part::Registrations.into(),
        "mod_callcenter" => Part::Callcenter.into(),
        "mod_conference" => Part::Conferences.into(),
        "mod_verto" => Part::Verto.into(),
        _ => Wanted::NONE,
    }
}

/// Something of a module was loaded. One event for each thing the module has.
pub(super) fn loaded(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(name) = heard.get("key") else { return Part::Modules.into() };
    if live.tables.modules.order(name, heard.seq) == Order::Newer {
        let row = Module { name: name.into(), filename: heard.get("filename").and_then(told::word) };
        live.tables.modules.put(row, heard.seq, &mut live.log);
    }
    parts(name)
}

/// Something of a module was unloaded; only some of the events tell the module.
pub(super) fn unloaded(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(name) = heard.get("key") else { return Part::Modules.into() };
    if live.tables.modules.order(name, heard.seq) == Order::Newer {
        live.tables.modules.remove(name, heard.seq, &mut live.log);
    }
    parts(name)
}
