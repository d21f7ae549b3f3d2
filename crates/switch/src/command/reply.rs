//! Whether a command did what it was meant to.

/// What some commands say for it instead of `-ERR`.
const OWN_WORDS: [&str; 2] = ["Invalid ", "Failure "];
/// What mod_sofia says instead of stopping a profile that was just started (`cmd_profile` in `mod_sofia.c`).
const TOO_SOON: &str = " must be up for at least ";

/// Whether a reply tells of success; if not, why.
///
/// `load` and `reload` put `+OK Reloading XML` first and say below how it went, so that every line is looked at. An
/// answer that is neither good nor bad is what was asked for.
///
/// # Errors
/// FreeSWITCH's words.
pub fn verdict(reply: &str) -> Result<&str, String> {
    let bad = reply.lines().map(str::trim).find_map(|line| {
        let rest = line.strip_prefix("-ERR").or_else(|| line.strip_prefix("-USAGE"));
        // Nothing to say is what a command without output says.
        rest.map(|rest| (line, rest.trim_start_matches([':', ' ']))).filter(|(_, rest)| *rest != "no reply")
    });
    match bad {
        Some((line, _)) if line.starts_with("-USAGE") => Err(line.to_owned()),
        Some((_, "")) => Err("FreeSWITCH does not say why".to_owned()),
        Some((_, why)) => Err(why.to_owned()),
        None => match reply.lines().find(|line| is_refusal(line)) {
            Some(line) => Err(line.trim().to_owned()),
            None => Ok(reply),
        },
    }
}

/// Whether a refusal says that the same command is taken in some seconds.
pub fn is_too_soon(reply: &str) -> bool {
    reply.lines().any(|line| line.starts_with("Profile ") && line.contains(TOO_SOON))
}

fn is_refusal(line: &str) -> bool {
    OWN_WORDS.iter().any(|words| line.starts_with(words)) || is_too_soon(line)
}

#[cfg(test)]
mod tests {
    use custompbx_testkit::recorded::api_answer;

    use super::*;

    #[test]
    fn recorded_replies() {
        let reply = |name: &str| verdict(&api_answer(&format!("api/{name}"))).map(str::to_owned);
        for good in ["status", "hostname", "module_exists-false", "version"] {
            assert!(reply(good).is_ok(), "{good}");
        }
        assert_eq!(
            verdict("+OK Reloading XML\n-ERR [module load file routine returned an error]\n").unwrap_err(),
            "[module load file routine returned an error]"
        );
        assert_eq!(
            verdict("Reload XML [Success]\nFailure starting nosuch\n").unwrap_err(),
            "Failure starting nosuch"
        );
        assert_eq!(verdict("+OK Reloading XML\n+OK\n"), Ok("+OK Reloading XML\n+OK\n"));
        assert_eq!(verdict("-ERR no reply\n"), Ok("-ERR no reply\n"));
        assert_eq!(verdict("-ERR\n").unwrap_err(), "FreeSWITCH does not say why");
        assert_eq!(verdict("-USAGE: <uuid> [cause]\n").unwrap_err(), "-USAGE: <uuid> [cause]");
        assert_eq!(
            verdict("Profile internal must be up for at least 10 seconds to stop/restart.\nPlease wait 3 seconds\n")
                .unwrap_err(),
            "Profile internal must be up for at least 10 seconds to stop/restart."
        );
        assert_eq!(verdict("Invalid Profile [nosuch]\n").unwrap_err(), "Invalid Profile [nosuch]");
    }
}
