//! Why a switch does not work with us, and what to do about it.

use custompbx_conf::snippets::{EventSocketListener, XmlCurlBinding, event_socket_conf, xml_curl_conf};
use custompbx_model::Node;
use custompbx_switch::command::Command;
use custompbx_switch::live::rows::Host;
use custompbx_switch::{Phase, Supervisor};
use serde::Serialize;

use super::Driven;
use crate::Pbx;
use crate::config::{Config, Secret};
use crate::error::Result;
use crate::questions::LOOKED_FOR;
use crate::settings::MASK;

/// From so many milliseconds on, two clocks differ: FreeSWITCH is answered with times, and calls are sorted by them.
const CLOCK_MS: i64 = 2_000;

/// How long FreeSWITCH should wait for an answer, in seconds. Without a limit it would wait for ever.
pub const TIMEOUT_S: u32 = 5;

/// What to paste into FreeSWITCH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snippets {
    /// `xml_curl.conf.xml`.
    pub xml_curl: String,
    /// `event_socket.conf.xml`.
    pub event_socket: String,
}

impl Snippets {
    /// Those for a configuration.
    pub fn of(config: &Config) -> Self {
        let (xml, esl) = (&config.xml_curl_server, &config.freeswitch.esl);
        let binding = XmlCurlBinding {
            url: config.xml_curl_url(),
            user: xml.user.clone(),
            pass: xml.pass.reveal().to_owned(),
            timeout: TIMEOUT_S,
        };
        let listener = EventSocketListener {
            listen_ip: if esl.host == "localhost" { "127.0.0.1".to_owned() } else { esl.host.clone() },
            port: esl.port,
            password: esl.pass.reveal().to_owned(),
            acl: None,
        };
        Self { xml_curl: xml_curl_conf(&binding), event_socket: event_socket_conf(&listener) }
    }
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// Worth a look.
    Note,
    /// Something does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What it is.
    pub what: &'static str,
    /// How it is.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do about it; empty where nothing is to be done.
    pub remedy: String,
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

impl Pbx {
    /// What to paste into FreeSWITCH, without its passwords: those are for who may read the configuration, and
    /// `custompbx doctor` prints them.
    pub fn snippets(&self) -> Snippets {
        let mut config = (*self.config()).clone();
        config.xml_curl_server.pass = Secret::new(MASK);
        config.freeswitch.esl.pass = Secret::new(MASK);
        Snippets::of(&config)
    }

    /// Looks at a switch from all sides.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    pub async fn examine(&self, switch: &str) -> Result<Vec<Check>> {
        let driven = self.switch(switch)?;
        let mut checks = vec![self.event_socket(&driven)];
        let status = driven.supervisor.status();
        if !matches!(status.phase, Phase::Live | Phase::Reading) {
            return Ok(checks);
        }
        for (part, reason) in &status.unread {
            checks.push(Check::note(
                "state",
                format!("{part:?} cannot be read: {reason}"),
                "it is tried again by itself",
            ));
        }
        checks.extend(self.instance_check(&driven).await);
        checks.extend(look_at(&driven.supervisor, &self.config()).await);
        checks.push(self.round_trip(&driven).await);
        Ok(checks)
    }

    fn event_socket(&self, driven: &Driven) -> Check {
        let (status, address) = (driven.supervisor.status(), driven.supervisor.address());
        let place = format!("{}:{}", address.host, address.port);
        match (&status.trouble, status.phase) {
            (Some(trouble), _) => Check::bad("event socket", format!("{place}: {trouble}"), trouble.advice()),
            (None, Phase::Live) => {
                let name = status.switchname.unwrap_or_default();
                Check::good("event socket", format!("{place}, connected to {name}"))
            }
            (None, phase) => {
                Check::note("event socket", format!("{place}: {}", phase.word()), "wait a moment")
            }
        }
    }

    async fn instance_check(&self, driven: &Driven) -> Option<Check> {
        let id = self.instance_of(driven)?;
        let store = self.store().ok()?;
        let instance = store.instances().await.ok()?.into_iter().find(|instance| instance.id == id)?;
        let empty = store.root(id).await.ok().map(|root| store.children(root, None, None, 1));
        let is_empty = match empty {
            Some(page) => page.await.is_ok_and(|page| page.items.is_empty()),
            None => false,
        };
        Some(if is_empty {
            let remedy = "take over what it has: POST .../switches/{switch}/import, or custompbx import";
            Check::note("instance", format!("{} is served, and is empty", instance.name), remedy)
        } else {
            Check::good("instance", format!("served from {}", instance.name))
        })
    }

    /// Asks the switch for something that it has to ask us for, and sees whether it did.
    async fn round_trip(&self, driven: &Driven) -> Check {
        const WHAT: &str = "round trip";
        if self.is_asked_during(have_it_ask(&driven.supervisor)).await {
            return Check::good(WHAT, "FreeSWITCH asked here, and was answered");
        }
        Check::bad(WHAT, NOT_ASKED.0, NOT_ASKED.1)
    }
}

/// That a switch does not ask, and what to do.
pub const NOT_ASKED: (&str, &str) = (
    "FreeSWITCH was told to look for a configuration, and did not ask here",
    "compare gateway-url, gateway-credentials and bindings of its xml_curl.conf with the snippet, then `reload mod_xml_curl`",
);

/// Has a switch look for a configuration that nobody has.
pub async fn have_it_ask(supervisor: &Supervisor) {
    if let Ok(command) = Command::of("xml.configuration", &[("name", LOOKED_FOR)]) {
        // That there is no such configuration is an answer.
        let _ = supervisor.commands().reply(&command).await;
    }
}

/// What a connected switch says of itself, beside a configuration that it should agree with.
pub async fn look_at(supervisor: &Supervisor, config: &Config) -> Vec<Check> {
    let mut checks = modules(supervisor);
    checks.extend(bindings(supervisor, config).await);
    checks.push(clock(supervisor));
    checks.extend(profiles(supervisor).await);
    checks.extend(shipped_password(supervisor));
    checks
}

/// Whether the modules are there without which nothing goes.
fn modules(supervisor: &Supervisor) -> Vec<Check> {
    const WHAT: &str = "mod_xml_curl";
    let (is_known, is_loaded, has_sofia) = {
        let live = supervisor.live();
        let modules = &live.tables().modules;
        (!modules.is_empty(), modules.contains("mod_xml_curl"), modules.contains("mod_sofia"))
    };
    if !is_known {
        return Vec::new();
    }
    let mut checks = Vec::new();
    checks.push(if is_loaded {
        Check::good(WHAT, "is loaded")
    } else {
        Check::bad(
            WHAT,
            "is not loaded, so FreeSWITCH asks nobody",
            "paste the snippet, then: load mod_xml_curl",
        )
    });
    checks.push(if has_sofia {
        Check::good("mod_sofia", "is loaded")
    } else {
        Check::bad(
            "mod_sofia",
            "is not loaded; it had no configuration when FreeSWITCH started",
            "load mod_sofia",
        )
    });
    checks
}

/// A `binding` of xml_curl.conf.
#[derive(Default)]
struct Binding {
    url: String,
    /// Names of sections, with something between them.
    sections: String,
    credentials: String,
}

impl Binding {
    fn of(node: &Node) -> Self {
        let mut binding = Self::default();
        for param in node.children_named("param") {
            let value = param.attribute("value").unwrap_or_default();
            match param.attribute("name") {
                Some("gateway-url") => {
                    value.clone_into(&mut binding.url);
                    param.attribute("bindings").unwrap_or_default().clone_into(&mut binding.sections);
                }
                Some("gateway-credentials") => value.clone_into(&mut binding.credentials),
                _ => {}
            }
        }
        binding
    }

    /// The sections that matter here and that it does not ask for. FreeSWITCH looks for the names anywhere in the text, and
    /// takes one without any for all of them (switch_xml_parse_section_string in switch_xml.c).
    fn not_asked_for(&self) -> Vec<&'static str> {
        let sections = self.sections.to_ascii_lowercase();
        let known = ["config", "directory", "dialplan", "languages", "chatplan"];
        if !known.iter().any(|name| sections.contains(name)) {
            return Vec::new();
        }
        let needed = [("directory", "directory"), ("dialplan", "dialplan"), ("config", "configuration")];
        needed.into_iter().filter(|(word, _)| !sections.contains(word)).map(|(_, name)| name).collect()
    }

    /// The URL without what may be a password in it.
    fn shown_url(&self) -> String {
        match self.url.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let start = rest[..end].rfind('@').map_or(0, |at| at + 1);
                format!("{scheme}://{}", &rest[start..])
            }
            None => self.url.clone(),
        }
    }
}

/// Whether its xml_curl.conf, as it is now, has it ask here, for everything, and by the right name. The module may have
/// read another one when it was loaded: what it does is seen by the round trip.
async fn bindings(supervisor: &Supervisor, config: &Config) -> Vec<Check> {
    const WHAT: &str = "xml_curl.conf";
    const THEN: &str = "compare it with the snippet, then: reload mod_xml_curl";
    let Some(roots) = located(supervisor, WHAT).await else { return Vec::new() };
    let mut bindings = Vec::new();
    for root in &roots {
        root.walk(&mut |node| bindings.extend((&*node.tag == "binding").then(|| Binding::of(node))));
    }
    bindings.retain(|binding| !binding.url.is_empty());
    let ours = config.xml_curl_url();
    let Some(binding) = bindings.iter().find(|binding| binding.shown_url() == ours) else {
        let urls: Vec<String> = bindings.iter().map(Binding::shown_url).collect();
        return vec![if urls.is_empty() {
            // It may be one that is served from here: the module itself reads the file, before it asks anybody.
            let remedy = format!("nothing, if there is a round trip; else {THEN}");
            Check::note(WHAT, "has no gateway-url, as FreeSWITCH finds it now", remedy)
        } else {
            let found = format!("its gateway-url is {}", urls.join(", "));
            Check::note(WHAT, found, format!("right only if it leads here, to {ours}; if not, {THEN}"))
        }];
    };
    let xml = &config.xml_curl_server;
    if binding.credentials != format!("{}:{}", xml.user, xml.pass.reveal()) {
        let found =
            "its gateway-credentials are not user and pass of xml_curl_server, so its questions are refused";
        return vec![Check::bad(WHAT, found, THEN)];
    }
    let missing = binding.not_asked_for();
    vec![if missing.is_empty() {
        Check::good(WHAT, format!("asks {ours}"))
    } else {
        Check::note(WHAT, format!("does not ask for {}", missing.join(", ")), format!("if it should, {THEN}"))
    }]
}

/// A configuration as the switch has it now; `None` where there is none.
async fn located(supervisor: &Supervisor, name: &str) -> Option<Vec<Node>> {
    let command = Command::of("xml.configuration", &[("name", name)]).ok()?;
    let text = supervisor.commands().run(&command).await.ok()?;
    let parsed = custompbx_model::xml::parse(&text, &custompbx_model::xml::Limits::default()).ok()?;
    Some(parsed.roots).filter(|roots| !roots.is_empty())
}

fn clock(supervisor: &Supervisor) -> Check {
    let live = supervisor.live();
    let offset = live.tables().host.get(Host::KEY).and_then(|host| host.clock_offset_ms);
    match offset {
        None => Check::good("clock", "not compared yet; FreeSWITCH tells its time every 20 s"),
        Some(offset) if offset.abs() < CLOCK_MS => Check::good("clock", format!("{offset} ms apart")),
        Some(offset) => Check::note(
            "clock",
            format!(
                "FreeSWITCH's clock is {} s {}",
                offset.abs() / 1_000,
                if offset > 0 { "behind ours" } else { "ahead of ours" }
            ),
            "let both machines follow the same time servers; `fsctl sync_clock_when_idle` has FreeSWITCH take over its machine's",
        ),
    }
}

/// Profiles that do not run, as a profile without `sip-port` does where another one has the default port.
async fn profiles(supervisor: &Supervisor) -> Vec<Check> {
    let not_running: Vec<(String, String)> = {
        let live = supervisor.live();
        let rows = live.tables().profiles.rows();
        let state =
            |row: &custompbx_switch::live::rows::Profile| row.state.as_deref().unwrap_or_default().to_owned();
        let stopped = rows.filter(|row| !state(row).starts_with("RUNNING"));
        stopped.map(|row| (row.name.to_string(), state(row))).collect()
    };
    let mut checks: Vec<Check> = not_running
        .into_iter()
        .map(|(name, state)| {
            let remedy = "FreeSWITCH's log says why: often another program has its address and port, or it has no sip-port";
            Check::bad("SIP profile", format!("{name} is {state}"), remedy)
        })
        .collect();
    checks.extend(without_port(supervisor).await);
    checks
}

/// A profile without `sip-port` takes 5060, and fails where another one has that.
async fn without_port(supervisor: &Supervisor) -> Vec<Check> {
    let Some(roots) = located(supervisor, "sofia.conf").await else { return Vec::new() };
    let mut names = Vec::new();
    for root in &roots {
        root.walk(&mut |node| {
            if &*node.tag == "profile" {
                let mut settings = node.children_named("settings").flat_map(|settings| &settings.children);
                if !settings.any(|param| param.attribute("name") == Some("sip-port")) {
                    names.push(node.attribute("name").unwrap_or_default().to_owned());
                }
            }
        });
    }
    let remedy = "give it a sip-port of its own; without one it is 5060";
    names
        .into_iter()
        .map(|name| Check::note("SIP profile", format!("{name} has no sip-port"), remedy))
        .collect()
}

fn shipped_password(supervisor: &Supervisor) -> Option<Check> {
    let is_shipped = supervisor.address().pass == "ClueCon";
    is_shipped.then(|| {
        Check::note(
            "event socket",
            "the password is the one that FreeSWITCH is shipped with",
            "change it in event_socket.conf and here",
        )
    })
}
