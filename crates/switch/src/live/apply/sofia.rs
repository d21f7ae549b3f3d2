//! Events of mod_sofia.

use super::Heard;
use crate::live::rows::registration::{address, keys_of};
use crate::live::rows::sofia::{gateway_key, profile_key};
use crate::live::rows::{Gateway, Profile, Registration};
use crate::live::table::{Order, Row};
use crate::live::{Live, Part, Wanted, told};

/// A phone registered, or did so again.
///
/// Without `multiple-registrations` the switch forgets all others of the user, with it those of the same address or
/// token; the event does not say which it is. So what is surely replaced goes, and if there are several then, the
/// switch is asked.
pub(super) fn registered(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let (Some(user), Some(realm)) = (heard.get("from-user"), heard.get("from-host")) else {
        return Part::Registrations.into();
    };
    let word = |field: &str| heard.get(field).and_then(told::word);
    let contact = heard.get("contact").map(address).and_then(told::word);
    // `Registered(UDP-NAT)`
    let status =
        heard.get("status").and_then(|status| status.strip_prefix("Registered(")).unwrap_or_default();
    let proto = status.split([')', '-']).next().unwrap_or_default().to_ascii_lowercase();
    let lasts = heard.event.number::<u32>("expires").map(u64::from);
    let mut row = Registration {
        user: user.into(),
        realm: realm.into(),
        profile: heard.get("profile-name").map(Into::into),
        contact: contact.clone(),
        token: word("call-id"),
        network_ip: word("network-ip"),
        network_port: heard.event.number("network-port"),
        network_proto: (!proto.is_empty()).then(|| proto.into()),
        user_agent: heard.get("user-agent").map(Into::into),
        expires: heard.at_s().zip(lasts).map(|(at, lasts)| at + lasts),
    };
    let key = row.key();
    let table = &mut live.tables.registrations;
    if table.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    if let Some(known) = table.get(&key) {
        row.network_proto = row.network_proto.or_else(|| known.network_proto.clone());
    }
    table.put(row, heard.seq, &mut live.log);
    let others = live.registrations_of(user, realm).filter(|row| contact.is_some() && row.contact == contact);
    let others: Vec<_> = others.map(|row| row.key()).filter(|other| *other != key).collect();
    for other in others {
        live.tables.registrations.remove(&other, heard.seq, &mut live.log);
    }
    Wanted::when(live.registrations_of(user, realm).nth(1).is_some(), Part::Registrations)
}

/// A registration ended: the phone said so (`from-user`), or its time was over (`user`).
pub(super) fn unregistered(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let user = heard.get("from-user").or_else(|| heard.get("user"));
    let realm = heard.get("from-host").or_else(|| heard.get("host"));
    let (Some(user), Some(realm)) = (user, realm) else { return Part::Registrations.into() };
    let token = heard.get("call-id").or_else(|| heard.get("contact").map(address)).unwrap_or_default();
    let key = keys_of(user, realm) + token;
    let table = &mut live.tables.registrations;
    if table.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    table.remove(&key, heard.seq, &mut live.log);
    // Was it the only one, or does the switch keep several?
    Wanted::when(live.is_registered(user, realm), Part::Registrations)
}

/// The key of the gateway an event is about. Most of these events do not tell the profile: then it is known only if
/// no other profile has a gateway of this name.
fn gateway(live: &Live, heard: &Heard<'_>) -> Option<String> {
    let name = heard.get("Gateway")?;
    if let Some(profile) = heard.get("profile-name") {
        return Some(gateway_key(profile, name));
    }
    let mut named = live.tables.gateways.by_index(name);
    let only = named.next()?;
    named.next().is_none().then(|| only.key())
}

/// How a gateway is now.
pub(super) fn gateway_changed(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(key) = gateway(live, heard) else { return Part::Sofia.into() };
    let gateways = &mut live.tables.gateways;
    if gateways.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    let known = gateways.update(&key, heard.seq, &mut live.log, |row| {
        if let Some(state) = heard.get("State") {
            row.state = told::word(state);
        }
        if let Some(status) = heard.get("Ping-Status") {
            if status == "DOWN" {
                row.uptime_us = Some(0);
            }
            row.status = told::word(status);
        }
    });
    Wanted::when(!known && !gateways.is_gone(&key), Part::Sofia)
}

/// A gateway is there; how it is the event does not tell.
pub(super) fn gateway_added(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    if let (Some(profile), Some(name)) = (heard.get("profile-name"), heard.get("Gateway")) {
        let key = gateway_key(profile, name);
        let gateways = &mut live.tables.gateways;
        if gateways.order(&key, heard.seq) != Order::Newer {
            return Wanted::NONE;
        }
        if !gateways.contains(&key) {
            let row = Gateway { profile: profile.into(), name: name.into(), ..Gateway::default() };
            gateways.put(row, heard.seq, &mut live.log);
        }
    }
    Part::Sofia.into()
}

/// A gateway is gone.
pub(super) fn gateway_deleted(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(key) = gateway(live, heard) else { return Part::Sofia.into() };
    let gateways = &mut live.tables.gateways;
    if gateways.order(&key, heard.seq) == Order::Newer {
        gateways.remove(&key, heard.seq, &mut live.log);
    }
    Wanted::NONE
}

/// The profile an event is about; other modules publish as well.
fn profile<'a>(heard: &Heard<'a>) -> Option<&'a str> {
    let sofia = heard.get("module_name").is_none_or(|module| module == "mod_sofia");
    heard.get("profile_name").filter(|_| sofia)
}

/// A profile started; its other addresses and gateways the event does not tell.
pub(super) fn profile_began(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(name) = profile(heard) else { return Wanted::NONE };
    let (key, profiles) = (profile_key(Profile::SOFIA, name), &mut live.tables.profiles);
    if profiles.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    if !profiles.contains(&key) {
        let uri = heard.get("profile_uri").and_then(told::word);
        let row = Profile {
            kind: Profile::SOFIA.into(),
            name: name.into(),
            addresses: uri.clone().into_iter().collect(),
            uri,
            ..Profile::default()
        };
        profiles.put(row, heard.seq, &mut live.log);
    }
    Part::Sofia.into()
}

/// A profile stopped.
pub(super) fn profile_ended(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let Some(name) = profile(heard) else { return Wanted::NONE };
    let (key, profiles) = (profile_key(Profile::SOFIA, name), &mut live.tables.profiles);
    if profiles.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    profiles.remove(&key, heard.seq, &mut live.log);
    Part::Sofia.into()
}
