//! Files and endpoints in commands.
//!
//! FreeSWITCH opens a file by the scheme before `://` or by the extension, and some of both run programs or open what
//! they were not asked for (`shell_stream`, `file_string`, `vlc`). `uuid_broadcast` takes `APPLICATION::ARGUMENTS` for a
//! path, and an endpoint may begin with variables that are carried out. So both are described here by what they may be.

/// Where a switch keeps its sounds and its recordings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directories {
    sounds: Option<String>,
    recordings: Option<String>,
}

/// Formats of sounds and pictures that FreeSWITCH writes and reads as such.
const FORMATS: [&str; 25] = [
    "wav", "mp3", "ogg", "oga", "opus", "flac", "gsm", "au", "aiff", "raw", "sln", "r8", "r16", "r24", "ul",
    "al", "pcmu", "pcma", "g722", "g729", "mp4", "m4a", "mov", "mkv", "webm",
];

impl Directories {
    /// By FreeSWITCH's `sounds_dir` and `recordings_dir`. One that is no plain absolute path counts as not known.
    pub fn new(sounds: &str, recordings: &str) -> Self {
        let plain = |path: &str| {
            let path = path.trim_end_matches('/');
            let inside = path.strip_prefix('/')?;
            is_plain(inside).then(|| path.to_owned())
        };
        Self { sounds: plain(sounds), recordings: plain(recordings) }
    }
}

/// Whether something can be played: a file that is named relative to the sounds, one below the directories, or a
/// stream that plays nothing else.
pub(super) fn is_sound(value: &str, directories: &Directories) -> bool {
    if let Some((scheme, rest)) = value.split_once("://") {
        return match scheme {
            // `path=` would read a file.
            "tone_stream" => {
                is_made_of(rest, |c| c.is_ascii_alphanumeric() || "%(),.;=+-".contains(c))
                    && !rest.to_ascii_lowercase().contains("path")
            }
            "silence_stream" => is_made_of(rest, |c| c.is_ascii_digit() || "-,".contains(c)),
            "local_stream" => is_plain(rest),
            _ => false,
        };
    }
    let Some(inside) = (if value.starts_with('/') {
        [&directories.sounds, &directories.recordings]
            .into_iter()
            .flatten()
            .find_map(|directory| value.strip_prefix(directory.as_str())?.strip_prefix('/'))
    } else {
        Some(value)
    }) else {
        return false;
    };
    // Without an extension FreeSWITCH takes that of the codec.
    is_plain(inside) && format(inside).is_none_or(is_format)
}

/// Where a recording goes; `None` where it would not be below the directory of recordings, or none is known. It is an
/// absolute path: of a relative one FreeSWITCH makes one below the sounds, or below where it was started.
pub(super) fn recording(value: &str, directories: &Directories) -> Option<String> {
    let directory = directories.recordings.as_deref()?;
    let inside =
        if value.starts_with('/') { value.strip_prefix(directory)?.strip_prefix('/')? } else { value };
    let fits = is_plain(inside) && format(inside).is_some_and(is_format);
    fits.then(|| format!("{directory}/{inside}"))
}

/// Whether something is one endpoint, and nothing else: no variables before it, no second one behind it, and no
/// application or dialplan in the place of a number.
pub(super) fn is_endpoint(value: &str) -> bool {
    let is_name = |text: &str| is_made_of(text, |c| c.is_alphanumeric() || "._-@+*#".contains(c));
    let is_address = |text: &str| is_made_of(text, |c| c.is_alphanumeric() || "._-@+*#:;=".contains(c));
    let mut parts = value.split('/');
    let (kind, first) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let rest: Vec<&str> = parts.collect();
    let fits = match kind {
        // `null` goes nowhere, and carries silence.
        "user" | "group" | "null" => is_name(first) && rest.is_empty(),
        // What would stand behind the context is the dialplan, which may be `inline`.
        "loopback" => is_name(first) && rest.len() <= 1 && rest.iter().all(|part| is_name(part)),
        "sofia" => is_name(first) && !rest.is_empty() && rest.iter().all(|part| is_address(part)),
        _ => false,
    };
    // The second of these separates calls that are made at the same time.
    fits && !value.contains("::") && !value.contains(":_:")
}

/// Whether a path is one of plain names: it leads nowhere but down.
fn is_plain(path: &str) -> bool {
    let is_name = |name: &str| {
        is_made_of(name, |c| c.is_alphanumeric() || "._-@+=".contains(c))
            && !name.starts_with('-')
            && !name.chars().all(|c| c == '.')
    };
    path.split('/').all(is_name)
}

fn is_made_of(text: &str, fits: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(fits)
}

fn format(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, format)| format)
}

fn is_format(format: &str) -> bool {
    FORMATS.iter().any(|known| known.eq_ignore_ascii_case(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directories() -> Directories {
        Directories::new("/usr/share/freeswitch/sounds", "/var/lib/freeswitch/recordings/")
    }

    #[test]
    fn sounds() {
        for good in [
            "ivr/ivr-welcome_to_freeswitch.wav",
            "ivr/ivr-welcome_to_freeswitch",
            "/usr/share/freeswitch/sounds/en/us/callie/ivr/8000/x.WAV",
            "/var/lib/freeswitch/recordings/a.mp3",
            "tone_stream://%(2000,4000,440,480);loops=3",
            "silence_stream://-1,1400",
            "local_stream://moh",
            "local_stream://moh/8000",
        ] {
            assert!(is_sound(good, &directories()), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "/etc/x.wav",
            "/usr/share/freeswitch/sounds/../../../../etc/x.wav",
            "/usr/share/freeswitch/soundsx/x.wav",
            "/usr/share/freeswitch/sounds",
            "../x.wav",
            "a/../../x.wav",
            "a//b.wav",
            "x.lua",
            "x.pdf",
            "shell_stream://id",
            "SHELL_STREAM://id",
            "file_string://a.wav!shell_stream://id",
            "vlc://x",
            "http://example.com/x.wav",
            "say:hello",
            "phrase:x",
            "system::id",
            "playback::x.wav",
            "hangup!::x",
            "{x=y}a.wav",
            "[x=y]a.wav",
            "a.wav b",
            "a.wav|x",
            "|id",
            "~/x.wav",
            "-x.wav",
            "tone_stream://path=/etc/passwd",
            "tone_stream://PATH=/etc/passwd",
            "tone_stream://shell_stream://id",
            "silence_stream://x",
            "local_stream://../x",
        ] {
            assert!(!is_sound(bad, &directories()), "{bad}");
        }
        assert!(!is_sound("/usr/share/freeswitch/sounds/x.wav", &Directories::default()));
        assert!(is_sound("x.wav", &Directories::default()));
    }

    #[test]
    fn recordings() {
        let at = |value: &str| recording(value, &directories());
        let absolute = "/var/lib/freeswitch/recordings/2024/call.wav";
        assert_eq!(at("2024/call.wav").as_deref(), Some(absolute));
        assert_eq!(at(absolute).as_deref(), Some(absolute));
        for bad in [
            "",
            "all",
            "call",
            "call.lua",
            "/call.wav",
            "/etc/call.wav",
            "/usr/share/freeswitch/sounds/call.wav",
            "/var/lib/freeswitch/recordings/../call.wav",
            "../call.wav",
            "a/./call.wav",
            "shell_stream://call.wav",
            "http://example.com/call.wav",
            "{a=b}call.wav",
            "[a=b]call.wav",
            "|call.wav",
            "call.wav +10",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
        assert_eq!(recording("call.wav", &Directories::default()), None);
    }

    #[test]
    fn directories_are_plain_and_absolute() {
        for odd in ["", "/", "x", "../x", "/a/../b", "/a b", "/a//b", "shell_stream://x", "/a/${x}"] {
            assert_eq!(Directories::new(odd, odd), Directories::default(), "{odd}");
        }
    }

    #[test]
    fn endpoints() {
        for good in [
            "user/1000@example.com",
            "user/1000",
            "group/sales@example.com",
            "sofia/gateway/gw_up/+4930123",
            "sofia/internal/1000@192.0.2.1:5060;transport=tcp",
            "sofia/internal/sip:1000@example.com",
            "loopback/5000",
            "loopback/5000/default",
            "null/x",
        ] {
            assert!(is_endpoint(good), "{good}");
        }
        for bad in [
            "",
            "undef",
            "user",
            "user/",
            "1000",
            "{a=b}user/1",
            "[a=b]user/1",
            "<a=b>user/1",
            "{api_on_answer=system id}user/1",
            "[execute_on_ring=x]user/1",
            "user/1 &bridge(x)",
            "user/1|user/2",
            "user/1,user/2",
            "user/1:_:loopback/app=system:id",
            "sofia/gateway/g/1:_:x",
            "loopback/app=system:id",
            "loopback/APP=system:id",
            "loopback/1/default/inline",
            "loopback/system:id/x/inline",
            "sofia/internal",
            "sofia/internal/",
            "sofia/internal//x",
            "error/USER_BUSY",
            "pickup/x",
            "portaudio/x",
            "user/${x}",
            "user/1'x",
        ] {
            assert!(!is_endpoint(bad), "{bad}");
        }
    }
}
