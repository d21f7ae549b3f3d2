//! Events of mod_verto.

use super::Heard;
use crate::live::rows::VertoClient;
use crate::live::rows::verto::client_key;
use crate::live::table::Order;
use crate::live::{Live, Part, Wanted, told};

/// A client logged in, or tried to.
pub(super) fn logged_in(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    if heard.get("verto_success").and_then(told::flag) != Some(true) {
        return Wanted::NONE;
    }
    let fields =
        (heard.get("verto_profile_name"), heard.get("verto_client_address"), heard.get("verto_login"));
    let (Some(profile), Some(address), Some(login)) = fields else { return Part::Verto.into() };
    let (key, clients) = (client_key(profile, address), &mut live.tables.verto_clients);
    if clients.order(&key, heard.seq) != Order::Newer {
        return Wanted::NONE;
    }
    // The client may leave its domain to the profile.
    let (user, domain) = login.rsplit_once('@').unwrap_or((login, ""));
    let row = VertoClient {
        profile: profile.into(),
        address: address.into(),
        user: user.into(),
        domain: told::word(domain),
        transport: clients.get(&key).and_then(|known| known.transport.clone()),
    };
    clients.put(row, heard.seq, &mut live.log);
    // Neither the domain that counts nor the transport is told.
    Part::Verto.into()
}

/// A client went.
pub(super) fn disconnected(live: &mut Live, heard: &Heard<'_>) -> Wanted {
    let fields = (heard.get("verto_profile_name"), heard.get("verto_client_address"));
    let (Some(profile), Some(address)) = fields else { return Part::Verto.into() };
    let (key, clients) = (client_key(profile, address), &mut live.tables.verto_clients);
    if clients.order(&key, heard.seq) == Order::Newer {
        clients.remove(&key, heard.seq, &mut live.log);
    }
    Wanted::NONE
}
