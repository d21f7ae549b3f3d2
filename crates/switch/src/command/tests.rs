//! The list of commands, and that no value makes more of one.

use proptest::prelude::*;
use proptest::sample::select;

use super::read_back::{RECORDINGS, SOUNDS, fault};
use super::*;

const ID: &str = "7849d4dc-1ea1-4f76-a774-8ba20aa30424";

fn directories() -> Directories {
    Directories::new(SOUNDS, RECORDINGS)
}

fn line(name: &str, values: &[(&str, &str)]) -> String {
    Declared::find(name).unwrap().below(&directories(), values).unwrap().line().to_owned()
}

#[test]
fn commands_are_declared_well() {
    for (at, declared) in COMMANDS.iter().enumerate() {
        assert!(COMMANDS[..at].iter().all(|other| other.name != declared.name), "{}", declared.name);
        let mut rest = declared.line;
        for slot in declared.slots {
            let place = format!("{{{}}}", slot.name);
            let (before, after) =
                rest.split_once(&place).unwrap_or_else(|| panic!("{}: {place}", declared.name));
            assert_eq!(slot.optional, before.contains('['), "{}: {place}", declared.name);
            assert_eq!(slot.optional, after.starts_with(']'), "{}: {place}", declared.name);
            rest = after;
        }
        assert!(!rest.contains(['{', '[']), "{}", declared.name);
        for ended in declared.ends.iter().map(|name| Declared::find(name).unwrap()) {
            let names = |of: &Declared| of.slots.iter().map(|slot| slot.name).collect::<Vec<_>>();
            assert_eq!(names(ended), names(declared), "{} and {}", declared.name, ended.name);
        }
        // What stands between the slots runs nothing: `&eavesdrop` is the only application.
        let fixed = declared.line.replace("&eavesdrop({uuid})", "");
        let runs = ["&", "system", "lua", "expand", "bgapi", "sched_", "$", "|", ";"];
        assert!(!runs.iter().any(|part| fixed.contains(part)), "{}", declared.name);
    }
}

/// A value that fits a shape.
fn example(shape: Shape) -> &'static str {
    match shape {
        Shape::Name => "internal",
        Shape::Uuid => ID,
        Shape::Module => "mod_sofia",
        Shape::Number => "10",
        Shape::Cause => "USER_BUSY",
        Shape::Number164 => "1000",
        Shape::Digits => "123#@250",
        Shape::Member => "7",
        Shape::Endpoint => "user/1000@example.com",
        Shape::Address => "192.0.2.1",
        Shape::Variable | Shape::Settable => "lab_var",
        Shape::Text => "a=b c\\n",
        Shape::Sound => "ivr/ivr-welcome.wav",
        Shape::Recording => "2024/call.wav",
        Shape::OneOf(words) => words[0],
        Shape::Meaning(words) => words[0].0,
    }
}

#[test]
fn the_list_of_lines() {
    let lines: Vec<String> = COMMANDS
        .iter()
        .map(|declared| {
            let values: Vec<(&str, &str)> =
                declared.slots.iter().map(|slot| (slot.name, example(slot.shape))).collect();
            let line = line(declared.name, &values);
            assert_eq!(fault(declared, &values, &line), None, "{line}");
            let few: Vec<(&str, &str)> = declared
                .slots
                .iter()
                .filter(|slot| !slot.optional)
                .map(|slot| (slot.name, example(slot.shape)))
                .collect();
            let short = self::line(declared.name, &few);
            assert_eq!(fault(declared, &few, &short), None, "{short}");
            let short = if short == line { String::new() } else { format!("\n    {short}") };
            format!("{}: {line}{short}", declared.name)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn lines_are_as_freeswitch_wants_them() {
    assert_eq!(line("reloadxml", &[]), "reloadxml");
    assert_eq!(line("sofia.rescan", &[("profile", "internal")]), "sofia profile internal rescan");
    assert_eq!(line("call.hangup", &[("uuid", ID)]), format!("uuid_kill {ID}"));
    let cause = [("uuid", ID), ("cause", "USER_BUSY")];
    assert_eq!(line("call.hangup", &cause), format!("uuid_kill {ID} USER_BUSY"));
    // `global_setvar a=b=c` sets `a` to `b` where it was `c`.
    assert_eq!(
        line("global.set", &[("name", "lab_var"), ("value", "a=b c")]),
        "global_setvar lab_var='a=b c'"
    );
}

#[test]
fn what_is_wrong_is_named() {
    let error = |name: &str, values: &[(&str, &str)]| Command::of(name, values).unwrap_err().to_string();
    assert_eq!(error("nothing", &[]), "there is no command \"nothing\"");
    assert_eq!(error("sofia.rescan", &[]), "sofia.rescan needs profile");
    assert_eq!(error("reloadxml", &[("x", "y")]), "reloadxml takes no \"x\"");
    let wrong = error("sofia.rescan", &[("profile", "a b")]);
    assert!(wrong.starts_with("profile of sofia.rescan is \"a b\", but must be a name: "), "{wrong}");
    let broadcast = [("uuid", ID), ("path", "system::touch")];
    let wrong = error("call.broadcast", &broadcast);
    assert!(
        wrong.starts_with("path of call.broadcast is \"system::touch\", but must be a sound: "),
        "{wrong}"
    );
    let wrong = error("call.setvar", &[("uuid", ID), ("name", "api_hangup_hook"), ("value", "x")]);
    assert!(wrong.contains("is \"api_hangup_hook\", but") && wrong.contains("system:write"), "{wrong}");
    // It may be a password.
    let wrong = error("global.set", &[("name", "x"), ("value", "secret'")]);
    assert!(wrong.starts_with("value of global.set must be ") && !wrong.contains("secret"), "{wrong}");
    let wrong = error("sofia.rescan", &[("profile", &"ä ".repeat(100))]);
    assert!(wrong.contains("ä ...\", but"), "{wrong}");
    assert_eq!(Command::typed("a\nb"), Err(BadCommand::Line));
    assert_eq!(Command::typed(" "), Err(BadCommand::Line));
}

/// What has run programs by the slots of earlier versions, and what is like it. Each slot of each command is tried.
#[test]
fn programs_fit_no_slot() {
    const ATTACKS: &[&str] = &[
        "system::touch",
        "lua::x.lua",
        "shell_stream://touch",
        "SHELL_STREAM://touch",
        "file_string://a!shell_stream://touch",
        "loopback/app=system:touch",
        "loopback/x/y/inline",
        "user/1:_:loopback/app=system:touch",
        "{api_on_answer=system}user/1",
        "[api_on_ring=system]user/1",
        "&system(touch)",
        "user/1 &system(touch)",
        "api_hangup_hook",
        "execute_on_answer",
        "exec_after_bridge_app",
        "api_on_startup",
        "/etc/cron.d/x.wav",
        "../../etc/x.wav",
        "/var/lib/freeswitch/recordings/../x.wav",
        "|touch",
        "${system(touch)}",
        "$${x}",
        "x;;system touch",
        "x\nsystem touch",
        "x\r\n\r\nbgapi system touch",
        "all",
        "_all_",
        "undef",
        "a'b",
        "a\"b",
        "`touch`",
        "^^:system:touch",
    ];
    for declared in COMMANDS {
        for slot in declared.slots {
            for attack in ATTACKS {
                let value = |other: &Slot| {
                    if other.name == slot.name { *attack } else { example(other.shape) }
                };
                let values: Vec<(&str, &str)> =
                    declared.slots.iter().map(|other| (other.name, value(other))).collect();
                let built = declared.below(&directories(), &values);
                // A word is a name like any other where it does not stand for the name of a variable that is set; by
                // `all` all members are meant; and a text may be anything that nobody carries out.
                let is_word = attack.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
                let is_reserved = ["all", "_all_", "undef"].contains(attack);
                let is_meant = match slot.shape {
                    Shape::Member => *attack == "all",
                    Shape::Name | Shape::Number164 => is_word && !is_reserved,
                    Shape::Variable => is_word,
                    Shape::Sound => is_word || *attack == "loopback/x/y/inline",
                    Shape::Settable => is_reserved,
                    Shape::Text => true,
                    _ => false,
                };
                match built {
                    Err(_) => {}
                    Ok(command) if is_meant => {
                        assert_eq!(fault(declared, &values, command.line()), None, "{}", command.line());
                    }
                    Ok(command) => panic!("{} {}: {}", declared.name, slot.name, command.line()),
                }
            }
        }
    }
}

/// Parts of values: those that fit, those that attack, and those that glue.
const PARTS: &[&str] = &[
    ID,
    "internal",
    "1000",
    "user/",
    "sofia/",
    "gateway/",
    "loopback/",
    "group/",
    "mod_sofia",
    "all",
    "undef",
    "a",
    "@",
    ":",
    "::",
    ":_:",
    "/",
    "//",
    "://",
    ".",
    "..",
    "../",
    ".wav",
    "-",
    "_",
    "+",
    "*",
    "#",
    "=",
    "app=",
    ",",
    ";",
    "!",
    "&",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "$",
    "${",
    "|",
    "\\",
    "\\n",
    "'",
    "\"",
    "`",
    "^^",
    "%",
    "~",
    " ",
    "\n",
    "\r",
    "\t",
    "\0",
    "ü",
    "system",
    "lua",
    "inline",
    "api",
    "on",
    "api_on_answer",
    "execute_on_",
    "hook",
    "shell_stream",
    "tone_stream",
    "local_stream",
    "silence_stream",
    "file_string",
    "vlc",
    "path=",
    "hold_music",
    "lab_var",
    SOUNDS,
    RECORDINGS,
    "list",
    "reboot",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(select(PARTS), 0..6).prop_map(|parts| parts.concat()),
        "\\PC{0,12}",
        "[a-zA-Z ${}|;&\\r\\n\\t\"'`<>\\\\%=:/._-]{0,20}",
    ]
}

/// For each slot a value, or the example, so that the others do not keep one from being tried.
fn values() -> impl Strategy<Value = (&'static Declared, Vec<Option<String>>)> {
    (0..COMMANDS.len()).prop_flat_map(|which| {
        let declared = &COMMANDS[which];
        let one = proptest::option::of(value());
        (Just(declared), proptest::collection::vec(one, declared.slots.len()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// Whatever somebody puts into whatever slot, it is refused, or FreeSWITCH reads it as the value of that slot and
    /// carries none of it out.
    #[test]
    fn no_value_adds_a_command((declared, given) in values()) {
        let values: Vec<(&str, &str)> = declared
            .slots
            .iter()
            .zip(&given)
            .map(|(slot, given)| (slot.name, given.as_deref().unwrap_or_else(|| example(slot.shape))))
            .collect();
        if let Ok(command) = declared.below(&directories(), &values) {
            prop_assert_eq!(fault(declared, &values, command.line()), None, "{:?}", command);
        }
    }

    /// A text arrives in a variable as it was given.
    #[test]
    fn texts_are_read_as_they_are(value in "[a-z =\\\\$,;()n]{0,12}") {
        for (name, more) in [("global.set", None), ("call.setvar", Some(("uuid", ID)))] {
            let declared = Declared::find(name).unwrap();
            let values: Vec<(&str, &str)> =
                more.into_iter().chain([("name", "lab_var"), ("value", &*value)]).collect();
            if let Ok(command) = declared.below(&directories(), &values) {
                prop_assert_eq!(fault(declared, &values, command.line()), None, "{:?}", command);
            }
        }
    }
}

/// The words are those of `switch_loadable_module.c`, `mod_commands.c` and `mod_sofia.c`.
#[test]
fn what_is_as_if_it_had_been_done() {
    let is_moot = |name: &str, reply: &str| Declared::find(name).unwrap().is_moot(reply);
    for (name, reply) in [
        ("module.load", "+OK Reloading XML\n-ERR [Module already loaded]\n"),
        ("module.unload", "-ERR [No such module!]\n"),
        ("module.reload", "+OK Reloading XML\n-ERR unloading module [No such module!]\n+OK module loaded\n"),
        ("sofia.stop", "Invalid Profile [internal]"),
        ("sofia.killgw", "-ERR no such gateway.\n"),
        ("sofia.killgw", "Invalid Profile [internal]"),
    ] {
        assert!(verdict(reply).is_err() && is_moot(name, reply), "{name}: {reply}");
    }
    for (name, reply) in [
        ("module.load", "+OK Reloading XML\n-ERR [module load file routine returned an error]\n"),
        ("module.unload", "-ERR [Module in use.]\n"),
        ("module.reload", "+OK Reloading XML\n-ERR unloading module [Module in use.]\n"),
        (
            "module.reload",
            "-ERR unloading module [No such module!]\n-ERR loading module [module load routine returned an error]\n",
        ),
        ("sofia.restart", "Invalid Profile [internal]"),
        ("sofia.rescan", "Invalid Profile [internal]"),
        ("sofia.startgw", "Reload XML [Success]\n-ERR cannot add gateway g for profile internal\n"),
    ] {
        assert!(verdict(reply).is_err() && !is_moot(name, reply), "{name}: {reply}");
    }
}
