//! Lines that somebody typed.
//!
//! FreeSWITCH has some 250 commands, more with each module, and many of them run programs, write files or carry out
//! other commands (`system`, `lua`, `expand`, `originate X &system(..)`, `uuid_broadcast X system::..`,
//! `uuid_setvar X api_hangup_hook ..`). So those are not looked for; what is known to do no such thing is listed, and
//! everything else needs the right to run programs on the switch's machine.

/// A line that needs no right but the one to type.
#[derive(Debug)]
pub struct Harmless {
    /// Its first words.
    pub words: &'static str,
    /// How many words may follow.
    pub most: usize,
    /// Why it is harmless.
    pub why: &'static str,
}

const SHOWS: &str = "it prints what the switch holds in memory, and takes no command and no file";
const LOOKS_UP: &str =
    "it looks something up in the configuration, and prints what it found or whether it did";
const COMPUTES: &str = "it makes a text of its arguments or of the time, and carries out none of them";
const READS_AGAIN: &str = "it reads the configuration again, from where the switch has it anyway";

const fn shows(words: &'static str, most: usize) -> Harmless {
    Harmless { words, most, why: SHOWS }
}

const fn looks_up(words: &'static str, most: usize) -> Harmless {
    Harmless { words, most, why: LOOKS_UP }
}

const fn computes(words: &'static str, most: usize) -> Harmless {
    Harmless { words, most, why: COMPUTES }
}

/// The harmless lines, by what the functions behind them do (mod_commands.c, mod_sofia.c and others of FreeSWITCH 1.11).
pub static HARMLESS: &[Harmless] = &[
    shows("status", 0),
    shows("version", 1),
    shows("uptime", 1),
    shows("hostname", 0),
    shows("switchname", 0),
    shows("help", 0),
    shows("show", 4),
    shows("module_exists", 1),
    shows("global_getvar", 1),
    shows("getcputime", 0),
    shows("limit_usage", 3),
    shows("fsctl last_sps", 0),
    shows("nat_map status", 0),
    shows("sofia status", 3),
    shows("sofia xmlstatus", 3),
    shows("sofia jsonstatus", 3),
    shows("sofia_contact", 1),
    shows("sofia_count_reg", 1),
    shows("sofia_username_of", 1),
    shows("sofia_presence_data", 2),
    shows("verto status", 0),
    shows("verto xmlstatus", 0),
    shows("verto_contact", 1),
    shows("rtmp status", 3),
    shows("rtmp_contact", 1),
    shows("local_stream show", 2),
    shows("fifo list", 1),
    shows("fifo count", 1),
    shows("valet_info", 1),
    // Without arguments: were a conference called `list`, they would be commands for it.
    shows("conference list", 0),
    shows("conference xml_list", 0),
    shows("conference json_list", 0),
    shows("conference count", 0),
    shows("callcenter_config queue list", 2),
    shows("callcenter_config queue count", 2),
    shows("callcenter_config agent list", 1),
    shows("callcenter_config tier list", 0),
    shows("uuid_exists", 1),
    shows("uuid_dump", 2),
    shows("uuid_getvar", 2),
    shows("uuid_buglist", 1),
    looks_up("acl", 2),
    looks_up("is_lan_addr", 1),
    looks_up("domain_exists", 1),
    looks_up("user_exists", 3),
    looks_up("in_group", 2),
    computes("echo", 100),
    computes("create_uuid", 0),
    computes("strftime", 3),
    computes("strftime_tz", 4),
    computes("strepoch", 3),
    computes("md5", 1),
    computes("tolower", 1),
    computes("toupper", 1),
    Harmless { words: "reloadxml", most: 0, why: READS_AGAIN },
    Harmless { words: "reloadacl", most: 0, why: READS_AGAIN },
];

/// Whether a typed line is one of [`HARMLESS`], with plain words behind it: no quotes, backslashes, `$`, `;`, `|`, brackets
/// and control characters.
pub fn is_harmless(line: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || " ._-@+:*#/=,%~".contains(c);
    line.chars().all(is_plain)
        && HARMLESS.iter().any(|harmless| {
            line.strip_prefix(harmless.words).is_some_and(|rest| {
                (rest.is_empty() || rest.starts_with(' ')) && rest.split_whitespace().count() <= harmless.most
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_go() {
        for line in [
            "status",
            "version",
            "show channels",
            "show channels like 1000",
            "show registrations as json",
            "sofia status",
            "sofia status profile internal reg",
            "sofia xmlstatus",
            "callcenter_config queue list members support@default",
            "conference json_list",
            "global_getvar local_ip_v4",
            "uuid_dump 7849d4dc-1ea1-4f76-a774-8ba20aa30424 json",
            "strftime %Y-%m-%d",
            "echo hello",
            "reloadxml",
        ] {
            assert!(is_harmless(line), "{line}");
        }
    }

    #[test]
    fn what_carries_out_something_does_not() {
        // Each by itself and with arguments, and with a harmless one as its argument.
        for command in [
            "system",
            "bg_system",
            "spawn",
            "bg_spawn",
            "spawn_stream",
            "expand",
            "eval",
            "cond",
            "expr",
            "sched_api",
            "sched_broadcast",
            "sched_transfer",
            "unsched_api",
            "bgapi",
            "lua",
            "luarun",
            "python",
            "pyrun",
            "perl",
            "perlrun",
            "jsrun",
            "jsapi",
            "managed",
            "managedrun",
            "originate",
            "regex",
            "replace",
            "xml_wrap",
            "json",
            "curl",
            "curl_sendfile",
            "http_get",
            "http_put",
            "http_prefetch",
            "httapi",
            "file_exists",
            "load",
            "unload",
            "reload",
            "fsctl",
            "fsctl shutdown",
            "shutdown",
            "hupall",
            "uuid_broadcast",
            "uuid_displace",
            "uuid_record",
            "uuid_fileman",
            "uuid_setvar",
            "uuid_setvar_multi",
            "uuid_transfer",
            "uuid_dual_transfer",
            "uuid_write_png",
            "uuid_zombie_exec",
            "global_setvar",
            "conference x bgdial",
            "conference list kick",
            "event_sink",
            "event_channel_broadcast",
            "page",
            "telecast",
            "group_call",
            "user_data",
            "xml_locate",
            "find_user_xml",
            "db",
            "hash",
            "hiredis_raw",
            "memcache",
            "single_esl",
            "console",
            "console_complete",
            "complete",
            "alias",
            "sofia profile internal",
            "sofia global",
            "vm_inject",
            "say_string",
            "getenv",
            "quote_shell_arg",
            "escape",
            "unknown_of_some_module",
        ] {
            for line in [
                command.to_owned(),
                format!("{command} id"),
                format!("{command} status"),
                format!("{command} restart all"),
                command.to_uppercase(),
            ] {
                assert!(!is_harmless(&line), "{line}");
            }
        }
    }

    #[test]
    fn arguments_are_plain() {
        for line in [
            "status;system id",
            "status;;system id",
            "status\nsystem id",
            "status\tsystem id",
            "echo ${system(id)}",
            "echo $${x}",
            "echo 'x'",
            "echo \"x\"",
            "echo `id`",
            "echo \\n",
            "echo a|b",
            "echo a&b",
            "echo {x}",
            "echo ^^:a:b",
            "STATUS",
            "statusx",
            "status x",
            " status",
            "show channels as json x y",
            "",
        ] {
            assert!(!is_harmless(line), "{line}");
        }
    }

    #[test]
    fn each_is_said_once_and_why() {
        for (at, harmless) in HARMLESS.iter().enumerate() {
            assert!(!harmless.why.is_empty());
            assert!(HARMLESS[..at].iter().all(|other| other.words != harmless.words), "{}", harmless.words);
        }
    }
}
