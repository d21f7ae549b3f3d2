//! Long answers of `show ... as json`.

use serde_json::{Value, json};

/// `show registrations as json` with so many rows: users `1000`, `1001` and so on at 127.0.0.1.
pub fn registrations_json(count: usize) -> String {
    answer(count, |number| {
        let (user, port) = (1000 + number, 1024 + number % 60_000);
        json!({
            "reg_user": user.to_string(),
            "realm": "127.0.0.1",
            "token": format!("{number:016x}"),
            "url": format!("sofia/internal/sip:{user}@127.0.0.1:{port}"),
            "expires": "1795394415",
            "network_ip": "127.0.0.1",
            "network_port": port.to_string(),
            "network_proto": "udp",
            "hostname": "fs1",
            "metadata": "",
        })
    })
}

/// `show channels as json` with so many rows, two of them a call: an answered call from `1000` to `1001` and so on.
pub fn channels_json(count: usize) -> String {
    answer(count, |number| {
        let is_first = number % 2 == 0;
        let (caller, callee) = (1000 + number / 2 * 2, 1001 + number / 2 * 2);
        let user = if is_first { caller } else { callee };
        json!({
            "uuid": channel_uuid(number),
            "direction": if is_first { "inbound" } else { "outbound" },
            "created": "2026-11-22 23:50:01",
            "created_epoch": "1795391401",
            "name": format!("sofia/internal/{user}@127.0.0.1"),
            "state": if is_first { "CS_EXECUTE" } else { "CS_EXCHANGE_MEDIA" },
            "cid_name": format!("Extension {caller}"),
            "cid_num": caller.to_string(),
            "ip_addr": "127.0.0.1",
            "dest": callee.to_string(),
            "application": if is_first { "bridge" } else { "" },
            "application_data": if is_first { format!("user/{callee}@127.0.0.1") } else { String::new() },
            "dialplan": "XML",
            "context": "default",
            "read_codec": "PCMU",
            "read_rate": "8000",
            "read_bit_rate": "64000",
            "write_codec": "PCMU",
            "write_rate": "8000",
            "write_bit_rate": "64000",
            "secure": "",
            "hostname": "fs1",
            "presence_id": format!("{user}@127.0.0.1"),
            "presence_data": "",
            "accountcode": if is_first { caller.to_string() } else { String::new() },
            "callstate": "ACTIVE",
            "callee_name": "Outbound Call",
            "callee_num": callee.to_string(),
            "callee_direction": "SEND",
            "call_uuid": channel_uuid(number / 2 * 2),
            "sent_callee_name": "Outbound Call",
            "sent_callee_num": callee.to_string(),
            "initial_cid_name": format!("Extension {caller}"),
            "initial_cid_num": caller.to_string(),
            "initial_ip_addr": "127.0.0.1",
            "initial_dest": callee.to_string(),
            "initial_dialplan": "XML",
            "initial_context": "default",
        })
    })
}

/// The `uuid` of a row of [`channels_json`], counted from 0.
pub fn channel_uuid(number: usize) -> String {
    format!("c4a77e10-0000-4000-8000-{number:012x}")
}

/// As FreeSWITCH writes it: an answer without rows has a space in it and no `rows`.
fn answer(count: usize, row: impl Fn(usize) -> Value) -> String {
    if count == 0 {
        return "{\"row_count\": 0}\n".to_owned();
    }
    let rows: Vec<_> = (0..count).map(|number| row(number).to_string()).collect();
    format!("{{\"row_count\":{count},\"rows\":[{}]}}", rows.join(","))
}
