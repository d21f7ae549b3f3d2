//! Events of channels.

use super::Heard;
use crate::live::rows::Channel;
use crate::live::table::Order;
use crate::live::{Live, Part, Wanted, told};

/// Anything that tells how a channel is.
pub(super) fn changed(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(uuid) = heard.get("Unique-ID") else { return Wanted::NONE };
    let (channels, event) = (&mut live.tables.channels, heard.event);
    let newest = match channels.order(uuid, heard.seq) {
        Order::Newer => true,
        Order::Older => false,
        Order::Same => return Wanted::NONE,
    };
    if channels.update(uuid, heard.seq, &mut live.log, |row| row.take(event, newest)) {
        return Wanted::NONE;
    }
    let created = event.name() == "CHANNEL_CREATE";
    let ends =
        event.get("Answer-State") == Some("hangup") || event.get("Channel-Call-State") == Some("HANGUP");
    if !newest || ends || (channels.is_gone(uuid) && !created) {
        return Wanted::NONE;
    }
    let mut row = Channel {
        uuid: uuid.into(),
        call_uuid: event.get("Channel-Call-UUID").map(Into::into),
        other_leg: event.get("Other-Leg-Unique-ID").map(Into::into),
        ..Channel::default()
    };
    row.take(event, true);
    channels.put(row, heard.seq, &mut live.log);
    // It was there before it was heard of: what else is there?
    Wanted::when(!created, Part::Channels)
}

/// The two channels of an event about a bridge.
fn legs<'a>(heard: &Heard<'a>) -> Option<(&'a str, &'a str)> {
    let a = heard.get("Bridge-A-Unique-ID").or_else(|| heard.get("Unique-ID"))?;
    let b = heard.get("Bridge-B-Unique-ID").or_else(|| heard.get("Other-Leg-Unique-ID"))?;
    Some((a, b))
}

/// How an event stands to what was heard of its channel.
fn order(live: &Live, heard: &Heard<'_>) -> Order {
    live.tables.channels.order(heard.get("Unique-ID").unwrap_or_default(), heard.seq)
}

/// Two channels became one call.
pub(super) fn bridged(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let order = order(live, heard);
    let mut wanted = changed(live, heard);
    match order {
        Order::Same => return wanted,
        Order::Older => return wanted | Part::Channels.into(),
        Order::Newer => {}
    }
    let Some((a, b)) = legs(heard) else { return wanted | Part::Channels.into() };
    let call = heard.get("Channel-Call-UUID").unwrap_or(a);
    for (uuid, other) in [(a, b), (b, a)] {
        let known = live.tables.channels.update(uuid, None, &mut live.log, |row| {
            row.call_uuid = Some(call.into());
            row.other_leg = Some(other.into());
        });
        let gone = live.tables.channels.is_gone(uuid);
        wanted |= Wanted::when(!known && !gone, Part::Channels);
    }
    wanted
}

/// Two channels are no longer one call.
pub(super) fn unbridged(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let order = order(live, heard);
    let wanted = changed(live, heard);
    match order {
        Order::Same => return wanted,
        Order::Older => return wanted | Part::Channels.into(),
        Order::Newer => {}
    }
    let (a, b) = legs(heard).unzip();
    for uuid in [a, b].into_iter().flatten() {
        live.tables.channels.update(uuid, None, &mut live.log, |row| {
            row.call_uuid = Some(row.uuid.clone());
            row.other_leg = None;
        });
    }
    wanted
}

/// A channel got another id.
pub(super) fn renamed(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let (Some(new), Some(old)) = (heard.get("Unique-ID"), heard.get("Old-Unique-ID")) else {
        return Part::Channels.into();
    };
    if new == old {
        return changed(live, heard);
    }
    if let Some(row) = live.tables.channels.remove(old, heard.seq, &mut live.log) {
        let row = Channel { uuid: new.into(), ..Channel::clone(&row) };
        live.tables.channels.put(row, None, &mut live.log);
    }
    // Few have to do with it, but which ones is known only from themselves.
    let others = live
        .tables
        .channels
        .rows()
        .filter(|row| row.call_uuid.as_deref() == Some(old) || row.other_leg.as_deref() == Some(old));
    let others: Vec<_> = others.map(|row| row.uuid.clone()).collect();
    for uuid in others {
        live.tables.channels.update(&uuid, None, &mut live.log, |row| {
            for place in [&mut row.call_uuid, &mut row.other_leg] {
                if place.as_deref() == Some(old) {
                    *place = told::word(new);
                }
            }
        });
    }
    changed(live, heard)
}

/// A channel is gone. Nothing comes after this, whatever the order in which it is heard.
pub(super) fn gone(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    if let Some(uuid) = heard.get("Unique-ID") {
        live.tables.channels.remove(uuid, heard.seq, &mut live.log);
    }
    Wanted::NONE
}
