//! What may stand in a slot of a command.

use std::borrow::Cow;

use super::carriers;
use super::places::{self, Directories};

/// How somebody listens in, as the variables that mod_dptools reads. Whoever only listens can still change sides by
/// pressing a digit, so that is off.
pub(super) const EAVESDROP: &[(&str, &str)] = &[
    ("listen", "eavesdrop_enable_dtmf=false"),
    ("whisper-a", "eavesdrop_enable_dtmf=false,eavesdrop_whisper_aleg=true"),
    ("whisper-b", "eavesdrop_enable_dtmf=false,eavesdrop_whisper_bleg=true"),
    ("barge", "eavesdrop_enable_dtmf=false,eavesdrop_bridge_aleg=true,eavesdrop_bridge_bleg=true"),
];

/// What may stand in a slot. None of them takes control characters, `${`, `|` or a quote, and none takes what FreeSWITCH
/// would read as an application, a command or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A name: of a profile, a gateway, a queue, a conference, a user, a domain. One word of printable characters, and
    /// none of those by which FreeSWITCH means something else than a name.
    Name,
    /// The id of a call.
    Uuid,
    /// `mod_` and what follows it.
    Module,
    /// A number without a sign.
    Number,
    /// A cause of a hangup, such as `NORMAL_CLEARING`.
    Cause,
    /// What can be dialled: digits, letters and signs of a SIP address.
    Number164,
    /// Digits of a telephone, and how long each lasts.
    Digits,
    /// Who in a conference: a number, or one of FreeSWITCH's words for several.
    Member,
    /// An endpoint, such as `user/1000@example.com`.
    Endpoint,
    /// An IP address.
    Address,
    /// The name of a variable that is asked for.
    Variable,
    /// The name of a variable that is set: none whose value FreeSWITCH carries out.
    Settable,
    /// Text to the end of the line, as the value of a variable.
    Text,
    /// A file or a stream to be played.
    Sound,
    /// A file to be written.
    Recording,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, which stands for something longer.
    Meaning(&'static [(&'static str, &'static str)]),
}

/// Why a value cannot stand in a slot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct BadValue(Cow<'static, str>);

/// The longest value of one word, in bytes.
const LONGEST_WORD: usize = 255;
/// The longest text, in bytes.
const LONGEST_TEXT: usize = 2_048;

/// By these FreeSWITCH means something else where it expects a name: several at once (`sofia profile X killgw _all_`,
/// `register all`, `flush_inbound_reg reboot`), a subcommand (`conference list`, `sofia profile restart all`), or
/// nothing (`originate X undef`, upon which it ends itself).
const RESERVED: [&str; 14] = [
    "all",
    "_all_",
    "any",
    "bgdial",
    "commands",
    "count",
    "dial",
    "help",
    "json_list",
    "list",
    "profile",
    "reboot",
    "undef",
    "xml_list",
];

/// Those of mod_conference (`conference_api_dispatch`).
const MEMBERS: [&str; 3] = ["all", "last", "non_moderator"];

impl Shape {
    /// The value as it stands in the line.
    ///
    /// # Errors
    /// What it would have to be.
    pub fn take<'v>(self, value: &'v str, directories: &Directories) -> Result<Cow<'v, str>, BadValue> {
        let fits = match self {
            Self::Name => {
                is_word(value, |c| c.is_alphanumeric() || "._-@+:*#".contains(c))
                    && !value.contains("::")
                    && !is_reserved(value)
            }
            Self::Endpoint => value.len() <= LONGEST_WORD && places::is_endpoint(value),
            Self::Sound => value.len() <= LONGEST_WORD && places::is_sound(value, directories),
            Self::Recording => {
                let path = places::recording(value, directories).filter(|path| path.len() <= LONGEST_TEXT);
                return path.map(Cow::Owned).ok_or_else(|| BadValue(self.wanted()));
            }
            Self::Number164 => {
                is_word(value, |c| c.is_ascii_alphanumeric() || "._-@+*#:".contains(c))
                    && !value.contains("::")
                    && !is_reserved(value)
            }
            Self::Digits => {
                let (digits, length) = value.split_once('@').unwrap_or((value, "100"));
                let is_digit = |c: char| c.is_ascii_digit() || "ABCDabcd*#wW".contains(c);
                is_word(digits, is_digit) && is_number(length)
            }
            Self::Member => is_number(value) || MEMBERS.contains(&value),
            Self::Uuid => {
                (8..=64).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
            }
            Self::Module => {
                value.starts_with("mod_") && is_word(value, |c| c.is_ascii_alphanumeric() || c == '_')
            }
            Self::Address => value.parse::<std::net::IpAddr>().is_ok(),
            Self::Number => is_number(value),
            Self::Cause => is_word(value, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'),
            Self::Variable => is_variable(value),
            Self::Settable => is_variable(value) && !carriers::is_carried_out(value),
            Self::Text => {
                let fits = is_text(value) && !carriers::carries(value);
                return if fits { Ok(escaped(value)) } else { Err(BadValue(self.wanted())) };
            }
            Self::OneOf(words) => words.contains(&value),
            Self::Meaning(words) => {
                let meant = words.iter().find(|(word, _)| *word == value);
                return meant.map(|(_, meant)| Cow::Borrowed(*meant)).ok_or_else(|| BadValue(self.wanted()));
            }
        };
        if fits { Ok(Cow::Borrowed(value)) } else { Err(BadValue(self.wanted())) }
    }

    /// What it would have to be, for people.
    pub fn wanted(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Name => {
                return Cow::Owned(format!(
                    "a name: letters, digits and . _ - @ + : * #, not beginning with -, without ::, and none of {}",
                    RESERVED.join(", ")
                ));
            }
            Self::Endpoint => {
                "an endpoint: user/NAME@DOMAIN, group/NAME@DOMAIN, sofia/gateway/NAME/NUMBER, \
                 sofia/PROFILE/ADDRESS, loopback/NUMBER/CONTEXT or null/NAME, with nothing before or behind it"
            }
            Self::Sound => {
                "a sound: a file below the directories of sounds and of recordings, or tone_stream://, \
                 silence_stream:// or local_stream:// with what belongs to it"
            }
            Self::Recording => {
                "a file of sound below the directory of recordings, such as 2024/call.wav; the switch has to have said \
                 where that is"
            }
            Self::Number164 => {
                "a number or a name that can be dialled, and not undef or another reserved word"
            }
            Self::Digits => "digits of a telephone (0-9 A-D * #, w and W to wait), and @ with milliseconds",
            Self::Member => "the number of a member, or all, last or non_moderator",
            Self::Address => "an IP address",
            Self::Uuid => "the id of a call",
            Self::Module => "the name of a module, such as mod_sofia",
            Self::Number => "a number of at most nine digits",
            Self::Cause => "a cause such as NORMAL_CLEARING",
            Self::Variable => "the name of a variable: letters, digits and . _ -",
            Self::Settable => {
                "the name of a variable (letters, digits and . _ -) whose value FreeSWITCH does not carry out, dial or \
                 write to; fs_cli sets the others, with the right system:write"
            }
            Self::Text => {
                "one line of at most 2048 bytes, without ${, |, quotes, control characters, and what runs or plays \
                 something (shell_stream, api_on_answer, another scheme than those of sounds and addresses); fs_cli \
                 sets others, with the right system:write"
            }
            Self::OneOf(words) => return Cow::Owned(format!("one of {}", words.join(", "))),
            Self::Meaning(words) => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                return Cow::Owned(format!("one of {}", words.join(", ")));
            }
        })
    }

    /// Whether errors may show the value: texts may be passwords.
    pub(super) fn is_shown(self) -> bool {
        self != Self::Text
    }
}

fn is_word(value: &str, fits: impl Fn(char) -> bool) -> bool {
    (1..=LONGEST_WORD).contains(&value.len()) && !value.starts_with('-') && value.chars().all(fits)
}

fn is_number(value: &str) -> bool {
    (1..=9).contains(&value.len()) && value.bytes().all(|c| c.is_ascii_digit())
}

fn is_variable(value: &str) -> bool {
    is_word(value, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// FreeSWITCH compares its words without regard to case.
fn is_reserved(value: &str) -> bool {
    RESERVED.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_text(value: &str) -> bool {
    value.len() <= LONGEST_TEXT
        && !value.contains("${")
        && !value.contains(|c: char| {
            c.is_control() || matches!(c, '|' | '"' | '\'' | '`' | '\u{2028}' | '\u{2029}')
        })
}

/// A text as FreeSWITCH takes it for itself: its splitting (`switch_separate_string` in switch_utils.c) reads `\n` as a
/// line break, `=` as the end of a value of `global_setvar`, and leaves out blanks at the ends.
fn escaped(value: &str) -> Cow<'_, str> {
    let is_bare = !value.contains(['=', '\\']) && value.trim() == value;
    if is_bare { Cow::Borrowed(value) } else { Cow::Owned(format!("'{}'", value.replace('\\', "\\\\"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let directories = Directories::new("/usr/share/freeswitch/sounds", "/var/lib/freeswitch/recordings");
        for (shape, good) in [
            (Shape::Name, "internal"),
            (Shape::Name, "support@default"),
            (Shape::Name, "Büro"),
            (Shape::Uuid, "7849d4dc-1ea1-4f76-a774-8ba20aa30424"),
            (Shape::Module, "mod_sofia"),
            (Shape::Number, "10"),
            (Shape::Number164, "+4930123"),
            (Shape::Number164, "1000@example.com:5060"),
            (Shape::Digits, "12#*wA"),
            (Shape::Digits, "1@250"),
            (Shape::Member, "7"),
            (Shape::Member, "non_moderator"),
            (Shape::Variable, "api_hangup_hook"),
            (Shape::Settable, "hold_music"),
            (Shape::Text, "a=b c"),
            (Shape::Text, ""),
            (Shape::OneOf(&["a", "b"]), "b"),
        ] {
            assert!(shape.take(good, &directories).is_ok(), "{shape:?} {good}");
        }
        for (shape, bad) in [
            (Shape::Name, ""),
            (Shape::Name, "a b"),
            (Shape::Name, "a\nb"),
            (Shape::Name, "a;b"),
            (Shape::Name, "${x}"),
            (Shape::Name, "-bleg"),
            (Shape::Name, "system::id"),
            (Shape::Name, "all"),
            (Shape::Name, "_ALL_"),
            (Shape::Name, "list"),
            (Shape::Name, "Reboot"),
            (Shape::Name, "profile"),
            (Shape::Uuid, "all"),
            (Shape::Module, "sofia"),
            (Shape::Number, "-1"),
            (Shape::Number164, "undef"),
            (Shape::Number164, "UNDEF"),
            (Shape::Number164, "system::id"),
            (Shape::Number164, "&system(id)"),
            (Shape::Digits, "x"),
            (Shape::Digits, "1@"),
            (Shape::Digits, "@100"),
            (Shape::Member, "name=value"),
            (Shape::Member, "-1"),
            (Shape::Settable, "api_hangup_hook"),
            (Shape::Settable, "a b"),
            (Shape::Text, "a\r\nb"),
            (Shape::Text, "$${x}"),
            (Shape::Text, "shell_stream://id"),
            (Shape::OneOf(&["a", "b"]), "c"),
        ] {
            assert!(shape.take(bad, &directories).is_err(), "{shape:?} {bad}");
        }
    }

    #[test]
    fn texts_arrive_as_they_are() {
        let text = |value| Shape::Text.take(value, &Directories::default()).unwrap().into_owned();
        assert_eq!(text("a b"), "a b");
        assert_eq!(text("%(1000,3000,425);x"), "%(1000,3000,425);x");
        assert_eq!(text("a=b c"), "'a=b c'");
        assert_eq!(text(" a "), "' a '");
        assert_eq!(text("^1\\d+\\n$"), "'^1\\\\d+\\\\n$'");
    }
}
