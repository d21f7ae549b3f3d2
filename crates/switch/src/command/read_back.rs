//! What FreeSWITCH makes of a line: for the tests and the fuzz target, which know by it that a value stayed a value.
//!
//! Written after `switch_separate_string` of switch_utils.c, and not with the code that builds the lines: both would
//! have the same mistakes.

use std::borrow::Cow;

use super::{Declared, Shape};

/// Directories of the switch that the lines are made for.
pub const SOUNDS: &str = "/usr/share/freeswitch/sounds";
/// The same.
pub const RECORDINGS: &str = "/var/lib/freeswitch/recordings";

/// What is wrong with a line that was made of these values; `None` if FreeSWITCH reads from it the words of the
/// declaration, with each value at its place, and none of them is a program.
pub fn fault(declared: &Declared, values: &[(&str, &str)], line: &str) -> Option<String> {
    if line.contains(|c: char| c.is_control()) || line.contains("${") || line.contains('|') {
        return Some("it is no plain line".to_owned());
    }
    let (command, read) = words(line);
    let template = marked(declared, values);
    let (expected, marked) = words(&template);
    if command != expected {
        return Some(format!("it is the command {command:?}, not {expected:?}"));
    }
    let mut expected: Vec<String> = marked.iter().map(|word| filled(declared, values, word)).collect();
    while expected.last().is_some_and(String::is_empty) {
        expected.pop();
    }
    if read != expected {
        return Some(format!("FreeSWITCH reads {read:?}, not {expected:?}"));
    }
    // Whatever else stands in the declaration, it stands there without any value.
    let own = declared.line;
    for sign in ['{', '}', '[', ']', '&', '<', '>', '`'] {
        let in_text = |slot: &&super::Slot| slot.shape == Shape::Text;
        if !own.contains(sign) && line.contains(sign) && !declared.slots.iter().any(|slot| in_text(&slot)) {
            return Some(format!("there is a {sign} in it"));
        }
    }
    declared.slots.iter().find_map(|slot| {
        let (_, value) = values.iter().find(|(name, value)| *name == slot.name && !value.is_empty())?;
        carried(slot.shape, &value.to_ascii_lowercase())
            .map(|what| format!("{} {value:?}: {what}", slot.name))
    })
}

/// Why a value of a shape would be carried out.
fn carried(shape: Shape, value: &str) -> Option<&'static str> {
    let scheme = value.split_once("://").map(|(scheme, _)| scheme);
    let is_below = |path: &str| !path.split('/').any(|part| part == "..");
    let first_colon = value.split_once(':').filter(|(_, rest)| rest.starts_with(':'));
    match shape {
        Shape::Sound | Shape::Recording => {
            let known = ["tone_stream", "silence_stream", "local_stream"];
            let directories: &[&str] =
                if shape == Shape::Sound { &[SOUNDS, RECORDINGS] } else { &[RECORDINGS] };
            let is_outside = value.starts_with('/')
                && !directories
                    .iter()
                    .any(|directory| value.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/')));
            match scheme {
                Some(_) if shape == Shape::Recording => Some("a scheme"),
                Some(scheme) if !known.contains(&scheme) => Some("another scheme"),
                _ if first_colon.is_some() => Some("an application"),
                _ if !is_below(value) || is_outside => Some("a path that leads elsewhere"),
                _ if value.contains('!') || value.contains("path=") => Some("several files, or another one"),
                _ => None,
            }
        }
        Shape::Endpoint => {
            let kind = value.split('/').next().unwrap_or_default();
            let parts = value.split('/').count();
            match kind {
                "user" | "group" | "sofia" | "loopback" | "null" => {}
                _ => return Some("another endpoint"),
            }
            let is_two = value.contains(":_:") || value.contains(',');
            let runs = kind == "loopback" && (value.contains("app=") || parts > 3);
            if is_two || runs { Some("an application or a second call") } else { None }
        }
        Shape::Name | Shape::Number164 => {
            let words = [
                "all",
                "_all_",
                "list",
                "undef",
                "reboot",
                "profile",
                "count",
                "help",
                "json_list",
                "xml_list",
            ];
            words.contains(&value).then_some("a word with a meaning")
        }
        Shape::Settable => {
            CARRIED_OUT.iter().any(|name| value.starts_with(name)).then_some("a variable that is carried out")
        }
        Shape::Text => {
            let bad =
                ["shell_stream", "file_string:/", "vlc:/", "av:/", "execute_on", "api_on", "api_hangup_hook"];
            if bad.iter().any(|part| value.contains(part)) {
                return Some("it is carried out where it is played or dialled");
            }
            first_colon
                .is_some_and(|(name, _)| ["system", "lua", "playback", "bgsystem"].contains(&name))
                .then_some("an application")
        }
        _ => None,
    }
}

/// Variables that FreeSWITCH's code carries out, dials, or takes a dialplan or a place from; it looks for all that begin
/// with those that end with `_on_`.
pub const CARRIED_OUT: [&str; 51] = [
    "api_after_bridge",
    "api_before_bridge",
    "api_hangup_hook",
    "api_on_",
    "api_reporting_hook",
    "audio_spool_path",
    "bridge_pre_execute_aleg_app",
    "bridge_pre_execute_aleg_data",
    "bridge_pre_execute_app",
    "bridge_pre_execute_bleg_app",
    "bridge_pre_execute_bleg_data",
    "bridge_pre_execute_data",
    "campon_fallback_context",
    "campon_fallback_dialplan",
    "campon_fallback_exten",
    "conference_auto_outcall_prefix",
    "conf_dir",
    "dialplan",
    "disable_system_api_commands",
    "disable_system_app_commands",
    "drop_dtmf_masking_file",
    "exec_after_bridge_app",
    "exec_after_bridge_arg",
    "execute_on_",
    "force_transfer_dialplan",
    "group_confirm_file",
    "group_confirm_key",
    "hold_hangup_xfer_exten",
    "inbound_dialplan",
    "loopback_app",
    "loopback_app_arg",
    "mod_dir",
    "mutex_orbit_context",
    "mutex_orbit_dialplan",
    "opal_api_on_",
    "opal_execute_on_",
    "page_path",
    "record_post_process_exec_api",
    "record_post_process_exec_app",
    "recordings_dir",
    "script_dir",
    "session_in_hangup_hook",
    "sip_api_on_",
    "sip_execute_on_",
    "sip_redirect_dialplan",
    "sofia_record_file",
    "sounds_dir",
    "system_on_",
    "transfer_after_",
    "transfer_on_fail",
    "vm_operator_extension",
];

/// The line of a declaration with a mark for each value, as it is where the values are plain words.
fn marked(declared: &Declared, values: &[(&str, &str)]) -> String {
    let mut line = declared.line.to_owned();
    for (at, slot) in declared.slots.iter().enumerate() {
        let is_given = values.iter().any(|(name, value)| *name == slot.name && !value.is_empty());
        let place = format!("{{{}}}", slot.name);
        if slot.optional {
            let start = line.find('[').unwrap_or_default();
            let end = line.find(']').map_or(line.len(), |end| end + 1);
            let inside =
                if is_given { line[start..end].trim_matches(['[', ']']).to_owned() } else { String::new() };
            line.replace_range(start..end, &inside);
        }
        line = line.replacen(&place, &mark(at), 1);
    }
    line
}

/// No value has this sign.
fn mark(at: usize) -> String {
    format!("\u{1}{at}\u{1}")
}

/// A word of the declaration with the values in it.
fn filled(declared: &Declared, values: &[(&str, &str)], word: &str) -> String {
    let mut word = word.to_owned();
    for (at, slot) in declared.slots.iter().enumerate() {
        let given = values.iter().find(|(name, _)| *name == slot.name).map_or("", |(_, value)| value);
        word = word.replace(&mark(at), &meant(slot.shape, given));
    }
    word
}

/// What a value stands for.
fn meant(shape: Shape, value: &str) -> Cow<'_, str> {
    match shape {
        Shape::Meaning(words) => {
            let meaning = words.iter().find(|(word, _)| *word == value).map_or(value, |(_, meant)| meant);
            Cow::Borrowed(meaning)
        }
        Shape::Recording if !value.starts_with('/') => Cow::Owned(format!("{RECORDINGS}/{value}")),
        _ => Cow::Borrowed(value),
    }
}

/// The command of a line and what it reads from the rest (`api_exec` of mod_event_socket.c, and the functions of the
/// commands in mod_commands.c). Empty words at the end are as good as none.
fn words(line: &str) -> (&str, Vec<String>) {
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let mut words = match command {
        "global_setvar" => separated(rest, '=', 3),
        "uuid_setvar" => separated(rest, ' ', 3),
        _ => separated(rest, ' ', 25),
    };
    while words.last().is_some_and(String::is_empty) {
        words.pop();
    }
    (command, words)
}

/// `switch_separate_string`.
fn separated(text: &str, delimiter: char, most: usize) -> Vec<String> {
    if let Some(other) = text.strip_prefix("^^") {
        let mut chars = other.chars();
        if let (Some(delimiter), true) = (chars.next(), other.chars().count() > 1) {
            return separated(chars.as_str(), delimiter, most);
        }
    }
    let signs: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut at = 0;
    while at < signs.len() && words.len() < most {
        let start = at;
        if words.len() + 1 == most {
            words.push(signs[start..].to_vec());
            break;
        }
        if delimiter == ' ' {
            while signs.get(at) == Some(&' ') {
                at += 1;
            }
        }
        let mut is_quoted = false;
        let mut end = signs.len();
        while let Some(sign) = signs.get(at) {
            let has_end = delimiter == ' ' || signs[at + 1..].contains(&'\'');
            if *sign == '\\' {
                at += 1;
            } else if *sign == '\'' && (is_quoted || has_end) {
                is_quoted = !is_quoted;
            } else if *sign == delimiter && !is_quoted {
                end = at;
                at += 1;
                break;
            }
            at += 1;
        }
        words.push(signs[start..end.min(signs.len())].to_vec());
        if delimiter == ' ' {
            while signs.get(at) == Some(&' ') {
                at += 1;
            }
        }
    }
    words.iter().map(|word| cleaned(word, (delimiter != ' ').then_some(delimiter))).collect()
}

/// `cleanup_separated_string`.
fn cleaned(word: &[char], delimiter: Option<char>) -> String {
    let mut cleaned = String::new();
    let mut end = 0;
    let mut is_quoted = false;
    let mut at = word.iter().take_while(|sign| **sign == ' ').count();
    while let Some(sign) = word.get(at) {
        let next = word.get(at + 1).copied();
        let escaped = match next {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('s') => Some(' '),
            Some(next @ ('\'' | '"' | '\\')) => Some(next),
            next if next.is_some() && next == delimiter => next,
            _ => None,
        };
        if let ('\\', Some(escaped)) = (*sign, escaped) {
            cleaned.push(escaped);
            end = cleaned.len();
            at += 1;
        } else if *sign == '\'' && (is_quoted || word[at + 1..].contains(&'\'')) {
            is_quoted = !is_quoted;
            if is_quoted {
                end = cleaned.len();
            }
        } else {
            cleaned.push(*sign);
            if *sign != ' ' || is_quoted {
                end = cleaned.len();
            }
        }
        at += 1;
    }
    cleaned.truncate(end);
    cleaned
}
