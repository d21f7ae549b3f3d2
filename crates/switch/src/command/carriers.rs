//! What FreeSWITCH carries out although it looks like a value.
//!
//! Some variables are applications, commands, dialplans or places to write to: FreeSWITCH looks for them by name when a
//! call is answered, bridged, recorded or hung up, and takes a global variable where a call has none of its own. And some
//! values are programs wherever they are played: `hold_music=shell_stream://...`. The names are those that the code of
//! FreeSWITCH 1.11 hands to `switch_core_session_execute_application`, `switch_api_execute`, `switch_system`,
//! `switch_ivr_session_transfer` and `switch_ivr_originate`. They are refused by the words they are made of, so that
//! those of other modules and of later versions are refused too.

/// A name that is made of one of these says what is carried out, or where a call goes by which dialplan.
const WORDS: [&str; 36] = [
    "action",
    "actions",
    "api",
    "app",
    "application",
    "applications",
    "apps",
    "campon",
    "cmd",
    "command",
    "commands",
    "confirm",
    "curl",
    "dialplan",
    "dialstring",
    "exec",
    "execute",
    "fallback",
    "hook",
    "inline",
    "javascript",
    "js",
    "loopback",
    "lua",
    "operator",
    "orbit",
    "outcall",
    "perl",
    "python",
    "script",
    "shell",
    "spawn",
    "spool",
    "system",
    "tts",
    "xfer",
];

/// Beginnings of names whose values are `EXTENSION:DIALPLAN:CONTEXT`, and of which the dialplan may be `inline`.
const BEGINNINGS: [&str; 2] = ["transfer_after_", "transfer_on_"];

/// Names of headers of SIP messages; what they are made of means nothing.
const HEADERS: [&str; 4] = ["sip_h_", "sip_rh_", "sip_ph_", "sip_bye_h_"];

/// Directories and files that FreeSWITCH, its modules or its configuration read programs from or write to, and what
/// fetches from elsewhere.
const PLACES: [&str; 28] = [
    "base_dir",
    "cache_dir",
    "certs_dir",
    "conf_dir",
    "data_dir",
    "db_dir",
    "drop_dtmf_masking_file",
    "fonts_dir",
    "grammar_dir",
    "htdocs_dir",
    "images_dir",
    "lib_dir",
    "localstate_dir",
    "log_dir",
    "mod_dir",
    "origination_nested_vars",
    "page_path",
    "recordings_dir",
    "run_dir",
    "script_dir",
    "sofia_record_file",
    "sounds_dir",
    "storage_dir",
    "sys_conf_dir",
    "temp_dir",
    "video_logo_path",
    "voicemail_greeting_path",
    "youtube_resolver",
];

/// Whether FreeSWITCH may carry out the value of a variable that is called so, dial it, or write to it.
pub(super) fn is_carried_out(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if HEADERS.iter().any(|start| name.starts_with(start)) {
        return false;
    }
    PLACES.contains(&&*name)
        || BEGINNINGS.iter().any(|start| name.starts_with(start))
        || name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Parts of values by which something is carried out wherever the value is played, dialled or made part of a dial
/// string.
const PARTS: [&str; 15] = [
    "shell_stream",
    "file_string",
    "api_on",
    "api_after_bridge",
    "api_before_bridge",
    "api_hangup_hook",
    "api_reporting_hook",
    "execute_on",
    "exec_after_bridge",
    "bridge_pre_execute",
    "post_process_exec",
    "system_on",
    "/app=",
    ":_:",
    "&system",
];

/// What may stand before `:/`: sounds that play nothing else, and addresses.
const SCHEMES: [&str; 18] = [
    "tone_stream",
    "silence_stream",
    "local_stream",
    "http",
    "https",
    "ws",
    "wss",
    "sip",
    "sips",
    "udp",
    "tcp",
    "tls",
    "pgsql",
    "postgresql",
    "mariadb",
    "mysql",
    "odbc",
    "redis",
];

/// Whether something is carried out where this is the value of a variable that is played or dialled.
///
/// `:/` is looked for, not `://`: FreeSWITCH itself puts a `/` behind `sound_prefix`.
pub(super) fn carries(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    PARTS.iter().any(|part| value.contains(part))
        || is_application(&value)
        || value.match_indices(":/").any(|(at, _)| {
            let before = value.get(..at).unwrap_or_default();
            let scheme = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            !scheme.is_some_and(|scheme| SCHEMES.contains(&scheme))
        })
}

/// Whether a value is `APPLICATION::ARGUMENTS`, which `switch_ivr_broadcast` takes hold music for too: its first colon
/// has a second one behind it. `fe80::1` is an address.
fn is_application(value: &str) -> bool {
    let Some((name, rest)) = value.split_once(':') else { return false };
    let is_group = name.len() <= 4 && name.bytes().all(|c| c.is_ascii_hexdigit());
    rest.starts_with(':') && !is_group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_carried_out() {
        for name in [
            "api_hangup_hook",
            "API_Hangup_Hook",
            "api_on_answer_1",
            "api_on_startup",
            "api_after_bridge",
            "api_reporting_hook",
            "session_in_hangup_hook",
            "execute_on_answer",
            "execute_on_media_timeout",
            "sip_execute_on_image",
            "opal_api_on_t38",
            "exec_after_bridge_app",
            "exec_after_bridge_arg",
            "bridge_pre_execute_bleg_app",
            "record_post_process_exec_api",
            "system_on_fax_result",
            "transfer_after_bridge",
            "transfer_on_fail",
            "force_transfer_dialplan",
            "sip_redirect_dialplan",
            "campon_fallback_exten",
            "mutex_orbit_exten",
            "hold_hangup_xfer_exten",
            "vm_operator_extension",
            "conference_auto_outcall_prefix",
            "group_confirm_key",
            "loopback_app",
            "tts_engine",
            "disable_system_api_commands",
            "audio_spool_path",
            "recordings_dir",
            "page_path",
            "nobal_action",
        ] {
            assert!(is_carried_out(name), "{name}");
        }
        for name in [
            "lab_var",
            "hold_music",
            "effective_caller_id_name",
            "outbound_caller_name",
            "hangup_after_bridge",
            "call_timeout",
            "recording_follow_transfer",
            "us-ring",
            "sip_h_X-App-Id",
            "happy",
            "sound_prefix",
            "external_ssl_dir",
            "domain_name",
        ] {
            assert!(!is_carried_out(name), "{name}");
        }
    }

    #[test]
    fn values_that_are_carried_out() {
        for value in [
            "shell_stream://id",
            "SHELL_STREAM:/",
            "a!shell_stream://id",
            "file_string://a.wav!b.wav",
            "vlc://x",
            "vlc:/",
            "av://x",
            "1,api_on_answer=x",
            "[execute_on_ring=x]user/1",
            "loopback/app=hangup",
            "user/1:_:user/2",
            "system::id",
            "hangup!::x",
            "tone_stream://x,vlc:/",
            "://x",
        ] {
            assert!(carries(value), "{value}");
        }
        for value in [
            "local_stream://moh",
            "tone_stream://%(2000,4000,440,480);loops=3",
            "/usr/share/freeswitch/sounds/en/us/callie",
            "%(274,0,913.8);%(274,0,1370.6)",
            "^(?!666)\\d{3}$",
            "https://example.com/x",
            "OPUS,G722",
            "stun:stun.freeswitch.org",
            "the api said: no",
            "2001:db8::1",
            "fe80::1",
            "::1",
        ] {
            assert!(!carries(value), "{value}");
        }
    }
}
