//! Events of mod_callcenter.

use super::Heard;
use crate::live::rows::callcenter::tier_key;
use crate::live::rows::{Agent, Member, Tier};
use crate::live::table::Order;
use crate::live::{Live, Part, Wanted, told};

/// `callcenter::info`, by its `CC-Action`. What is counted (answered calls, talk time) the events do not tell: after
/// what changes it the switch is asked.
pub(super) fn info(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let action = heard.get("CC-Action").unwrap_or_default();
    let again = Wanted::from(Part::Callcenter);
    match action {
        "agent-status-change" => {
            agent(live, heard, |row| {
                row.status = word(heard, "CC-Agent-Status");
                row.last_status_change = heard.at_s();
            }) | again
        }
        "agent-state-change" => agent(live, heard, |row| {
            row.state = word(heard, "CC-Agent-State");
            if row.state.as_deref() == Some("Receiving") {
                row.last_offered_call = heard.at_s();
            }
        }),
        "agent-contact-change" => agent(live, heard, |row| row.contact = word(heard, "CC-Agent-Contact")),
        "agent-offering" => {
            tier(live, heard, |row| row.state = told::word("Offering"))
                | member(live, heard, |row| {
                    row.state = told::word("Trying");
                    row.serving_agent = word(heard, "CC-Agent");
                    row.serving_system = word(heard, "CC-Agent-System");
                })
        }
        "bridge-agent-start" => {
            agent(live, heard, |row| {
                row.uuid = word(heard, "CC-Agent-UUID");
                row.last_bridge_start = time(heard, "CC-Agent-Answered-Time");
            }) | tier(live, heard, |row| row.state = told::word("Active Inbound"))
                | member(live, heard, |row| {
                    row.state = told::word("Answered");
                    row.serving_agent = word(heard, "CC-Agent");
                    row.serving_system = word(heard, "CC-Agent-System");
                    row.bridge_epoch = time(heard, "CC-Agent-Answered-Time");
                })
                | again
        }
        "bridge-agent-end" => {
            agent(live, heard, |row| {
                row.uuid = None;
                row.last_bridge_end = time(heard, "CC-Bridge-Terminated-Time");
            }) | tier(live, heard, |row| row.state = told::word("Ready"))
                | again
        }
        "bridge-agent-fail" => {
            tier(live, heard, |row| row.state = told::word("Ready")) | failed(live, heard) | again
        }
        "member-queue-start" | "member-queue-resume" => joined(live, heard),
        "member-queue-end" => left(live, heard) | again,
        "members-count" => counted(live, heard),
        "agent-add" | "agent-max-no-answer" => again,
        _ => Wanted::NONE,
    }
}

fn word(heard: &Heard<'_>, field: &str) -> Option<Box<str>> {
    heard.get(field).and_then(told::word)
}

/// A time that the event tells, or that of the event.
fn time(heard: &Heard<'_>, field: &str) -> Option<u64> {
    heard.event.number(field).filter(|time| *time > 0).or_else(|| heard.at_s())
}

fn agent(live: &mut Live, heard: &Heard<'_>, change: impl FnOnce(&mut Agent)) -> Wanted {
    let again = Part::Callcenter.into();
    let Some(name) = heard.get("CC-Agent") else { return again };
    match live.tables.agents.order(name, heard.seq) {
        Order::Newer => {
            Wanted::when(!live.tables.agents.update(name, heard.seq, &mut live.log, change), Part::Callcenter)
        }
        Order::Same => Wanted::NONE,
        // Status and state change with events of their own: what this one told may still be so.
        Order::Older => again,
    }
}

fn tier(live: &mut Live, heard: &Heard<'_>, change: impl FnOnce(&mut Tier)) -> Wanted {
    let (Some(queue), Some(agent)) = (heard.get("CC-Queue"), heard.get("CC-Agent")) else {
        return Part::Callcenter.into();
    };
    let (key, tiers) = (tier_key(queue, agent), &mut live.tables.tiers);
    let wanted =
        tiers.order(&key, heard.seq) == Order::Newer && !tiers.update(&key, heard.seq, &mut live.log, change);
    Wanted::when(wanted, Part::Callcenter)
}

fn member(live: &mut Live, heard: &Heard<'_>, change: impl FnOnce(&mut Member)) -> Wanted {
    let Some(uuid) = heard.get("CC-Member-UUID") else { return Part::Callcenter.into() };
    let members = &mut live.tables.members;
    let wanted = members.order(uuid, heard.seq) == Order::Newer
        && !members.update(uuid, heard.seq, &mut live.log, change)
        && !members.is_gone(uuid);
    Wanted::when(wanted, Part::Callcenter)
}

/// An agent was called in vain; the caller waits on, if it did not leave meanwhile.
fn failed(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    member(live, heard, |row| {
        if row.state.as_deref() == Some("Trying") {
            row.state = told::word("Waiting");
        }
        (row.serving_agent, row.serving_system) = (None, None);
    })
}

fn joined(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let (Some(uuid), Some(queue)) = (heard.get("CC-Member-UUID"), heard.get("CC-Queue")) else {
        return Part::Callcenter.into();
    };
    let members = &mut live.tables.members;
    if members.order(uuid, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    let mut row = members.get(uuid).map(|row| Member::clone(row)).unwrap_or_default();
    let again = heard.get("CC-Action") == Some("member-queue-resume");
    (row.uuid, row.queue, row.state) = (uuid.into(), queue.into(), told::word("Waiting"));
    row.session_uuid = word(heard, "CC-Member-Session-UUID");
    row.cid_number = word(heard, "CC-Member-CID-Number");
    row.cid_name = word(heard, "CC-Member-CID-Name");
    if again {
        row.rejoined_epoch = heard.at_s();
    } else {
        row.joined_epoch = row.joined_epoch.or_else(|| heard.at_s());
    }
    members.put(row, heard.seq, &mut live.log);
    Wanted::when(!live.tables.queues.contains(queue), Part::Callcenter)
}

/// A caller left. One that gave up is kept by the queue for a while.
fn left(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(uuid) = heard.get("CC-Member-UUID") else { return Part::Callcenter.into() };
    if live.tables.members.order(uuid, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    if heard.get("CC-Cause") != Some("Cancel") {
        live.tables.members.remove(uuid, heard.seq, &mut live.log);
        return Wanted::NONE;
    }
    member(live, heard, |row| {
        (row.state, row.session_uuid) = (told::word("Abandoned"), None);
        (row.serving_agent, row.serving_system) = (None, None);
        row.abandoned_epoch = time(heard, "CC-Member-Leaving-Time");
    })
}

/// How many wait in a queue, or in all of them (`*`).
fn counted(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(queue) = heard.get("CC-Queue").filter(|queue| !queue.starts_with('*')) else {
        return Wanted::NONE;
    };
    let queues = &mut live.tables.queues;
    if queues.order(queue, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    let Some(count) = heard.event.number("CC-Count") else { return Wanted::NONE };
    let known = queues.update(queue, heard.seq, &mut live.log, |row| row.count = Some(count));
    Wanted::when(!known, Part::Callcenter)
}
