//! `custompbx doctor`: why FreeSWITCH and this server do not talk, and what to do.

mod ask;
mod checks;

use std::process::ExitCode;

use custompbx_pbx::config::Config;
use custompbx_pbx::switches::doctor::{self, Snippets};

use crate::context::Context;
use crate::failure::Failure;

/// One thing that was looked at.
#[derive(Debug)]
pub(crate) struct Check {
    what: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do about it; empty when nothing is to be done.
    remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    Note,
    Bad,
}

impl Check {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Good, found: found.into(), remedy: String::new() }
    }

    fn note(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, state: State::Note, found: found.into(), remedy: remedy.into() }
    }

    fn bad(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, state: State::Bad, found: found.into(), remedy: remedy.into() }
    }
}

impl From<doctor::Check> for Check {
    fn from(check: doctor::Check) -> Self {
        let state = match check.state {
            doctor::State::Good => State::Good,
            doctor::State::Note => State::Note,
            doctor::State::Bad => State::Bad,
        };
        Self { what: check.what, state, found: check.found, remedy: check.remedy }
    }
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
pub(crate) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    let checks = checks::all(context).await;
    for check in &checks {
        let state = match check.state {
            State::Good => "ok  ",
            State::Note => "note",
            State::Bad => "BAD ",
        };
        println!("{state}  {:<15} {}", check.what, check.found);
        if !check.remedy.is_empty() {
            println!("      {:<15} -> {}", "", check.remedy);
        }
    }
    println!("\n{}", snippets(&context.loaded.config));
    let bad = checks.iter().filter(|check| check.state == State::Bad).count();
    if bad == 0 {
        println!("Nothing is wrong.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{bad} of {} checks failed.", checks.len());
    Ok(ExitCode::FAILURE)
}

/// What to paste into FreeSWITCH.
fn snippets(config: &Config) -> String {
    let Snippets { xml_curl, event_socket } = Snippets::of(config);
    format!(
        "In FreeSWITCH, autoload_configs/xml_curl.conf.xml, with mod_xml_curl first in modules.conf.xml \
         (not in pre_load_modules.conf, which crashes it):\n\n{}\n\
         autoload_configs/event_socket.conf.xml:\n\n{}\n\
         Then in fs_cli: load mod_xml_curl (or reload it), reloadxml. Everything that must be a file is written by \
         `custompbx export --bootstrap DIR`.\n",
        xml_curl, event_socket
    )
}
