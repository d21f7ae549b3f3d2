//! Events of mod_conference.

use super::Heard;
use crate::live::rows::conference::member_key;
use crate::live::rows::{Conference, ConferenceMember};
use crate::live::table::{Order, Row};
use crate::live::{Live, Part, Wanted, told};

/// `conference::maintenance`, by its `Action`. Each of these events tells how the conference is, and those about a
/// member how the member is.
pub(super) fn maintenance(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(name) = heard.get("Conference-Name") else { return Part::Conferences.into() };
    let action = heard.get("Action").unwrap_or_default();
    if live.tables.conferences.order(name, heard.seq) == Order::Same {
        return Wanted::NONE;
    }
    if action == "conference-destroy" {
        return destroyed(live, heard, name);
    }
    let mut wanted = conference(live, heard, name, action);
    if let Some(id) = heard.event.number("Member-ID") {
        wanted |= member(live, heard, name, id, action);
    }
    if action == "floor-change" {
        floor(live, heard, name);
    }
    if matches!(action, "add-member" | "del-member") {
        wanted |= Wanted::when(miscounted(live, name), Part::Conferences);
    }
    wanted
}

fn destroyed(live: &mut Live, heard: &Heard<'_>, name: &str) -> Wanted {
    if live.tables.conferences.order(name, heard.seq) == Order::Older {
        // One of this name began again meanwhile.
        return Part::Conferences.into();
    }
    live.tables.conferences.remove(name, heard.seq, &mut live.log);
    let members: Vec<_> = live.tables.conference_members.by_index(name).map(|row| row.key()).collect();
    for key in members {
        live.tables.conference_members.remove(&key, heard.seq, &mut live.log);
    }
    Wanted::NONE
}

fn conference(live: &mut Live, heard: &Heard<'_>, name: &str, action: &str) -> Wanted {
    let conferences = &mut live.tables.conferences;
    let (created, order) = (action == "conference-create", conferences.order(name, heard.seq));
    if order == Order::Older {
        return Wanted::when(matches!(action, "lock" | "unlock"), Part::Conferences);
    }
    let known = conferences.get(name).filter(|_| !created);
    let known = known.map(|row| Conference::clone(row));
    let wanted = Wanted::when(known.is_none() && !created, Part::Conferences);
    let mut row = known.unwrap_or_else(|| Conference { name: name.into(), ..Conference::default() });
    for (field, place) in
        [("Conference-Unique-ID", &mut row.uuid), ("Conference-Profile-Name", &mut row.profile)]
    {
        if let Some(value) = heard.get(field) {
            *place = told::word(value);
        }
    }
    row.member_count = heard.event.number("Conference-Size").or(row.member_count);
    row.ghost_count = heard.event.number("Conference-Ghosts").or(row.ghost_count);
    match action {
        "conference-create" => (row.locked, row.recording) = (Some(false), Some(false)),
        "lock" => row.locked = Some(true),
        "unlock" => row.locked = Some(false),
        "start-recording" => row.recording = Some(true),
        "stop-recording" => row.recording = Some(false),
        _ => {}
    }
    conferences.put(row, heard.seq, &mut live.log);
    wanted
}

fn member(live: &mut Live, heard: &Heard<'_>, name: &str, id: u64, action: &str) -> Wanted {
    let (key, members) = (member_key(name, id), &mut live.tables.conference_members);
    if action == "del-member" {
        members.remove(&key, heard.seq, &mut live.log);
        return Wanted::NONE;
    }
    let added = action == "add-member";
    if members.order(&key, heard.seq) != Order::Newer || (members.is_gone(&key) && !added) {
        return Wanted::NONE;
    }
    let known = members.get(&key).map(|row| ConferenceMember::clone(row));
    let wanted = Wanted::when(known.is_none() && !added, Part::Conferences);
    let mut row = known.unwrap_or_default();
    (row.conference, row.id) = (name.into(), Some(id));
    for (field, place) in [
        ("Unique-ID", &mut row.uuid),
        ("Caller-Caller-ID-Name", &mut row.cid_name),
        ("Caller-Caller-ID-Number", &mut row.cid_num),
    ] {
        if let Some(value) = heard.get(field) {
            *place = told::word(value);
        }
    }
    let flags = &mut row.flags;
    for (field, place) in [
        ("Hear", &mut flags.can_hear),
        ("See", &mut flags.can_see),
        ("Speak", &mut flags.can_speak),
        ("Hold", &mut flags.hold),
        ("Mute-Detect", &mut flags.mute_detect),
        ("Talking", &mut flags.talking),
        ("Floor", &mut flags.has_floor),
    ] {
        *place = heard.get(field).and_then(told::flag).or(*place);
    }
    flags.is_moderator = heard.get("Member-Type").map(|kind| kind == "moderator").or(flags.is_moderator);
    row.energy = heard.event.number("Energy-Level").or(row.energy);
    members.put(row, heard.seq, &mut live.log);
    wanted
}

/// The floor went to `New-ID`, or to nobody.
fn floor(live: &mut Live, heard: &Heard<'_>, name: &str) {
    let new = heard.event.number::<u64>("New-ID");
    let members: Vec<_> = live.tables.conference_members.by_index(name).map(|row| row.key()).collect();
    for key in members {
        live.tables.conference_members.update(&key, None, &mut live.log, |row| {
            row.flags.has_floor = Some(row.id == new);
        });
    }
}

/// Whether the conference has another number of members than are known.
fn miscounted(live: &Live, name: &str) -> bool {
    let count = live.tables.conferences.get(name).and_then(|row| row.member_count);
    let known = live.tables.conference_members.by_index(name).count() as u64;
    count.is_some_and(|count| count != known)
}
