//! The switches that are driven: connected, watched, told what changed.
//!
//! One is in the configuration (`freeswitch.esl`); others have their event sockets in the database. A switch belongs to
//! the instance that its switchname is assigned to, or to the default one, as for its questions.
//!
//! - [`drive`]: keeps a [`Supervisor`] for each;
//! - [`effects`]: what a change of the tree has them do;
//! - [`heal`]: modules that could not load while we were away;
//! - [`import`]: taking over what a running switch has;
//! - [`command`]: having one do something;
//! - [`logs`]: the log of one;
//! - [`view`]: what is told of them;
//! - [`doctor`]: why one does not work with us.

pub mod command;
pub mod doctor;
mod drive;
pub mod effects;
mod heal;
pub mod import;
pub mod logs;
mod tell;
pub mod view;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use custompbx_model::variables::Variables;
use custompbx_store::{EventSocket, InstanceId};
use custompbx_switch::command::Directories;
use custompbx_switch::{Address, Supervisor};
use tokio::sync::{Notify, mpsc, watch};

use crate::Pbx;
use crate::config::Config;
use crate::edit::By;
use crate::error::{Error, Result};

/// Words of the switch that those above use too.
pub use custompbx_switch::{CommandError, Phase, live};
pub use tell::LiveChange;

/// What the switch of the configuration is called until it has said its name.
pub const CONFIGURED: &str = "default";
/// The longest that an answer may be waited for, in seconds.
const LONGEST_TIMEOUT_S: u64 = 300;

/// All that are driven.
#[derive(Default)]
pub(crate) struct Switches {
    driven: RwLock<BTreeMap<String, Arc<Driven>>>,
    /// Somebody changed an event socket.
    changed: Notify,
    logs: logs::Watches,
}

/// A switch that is driven.
#[derive(Debug)]
pub struct Driven {
    /// What it is called here: its switchname, or [`CONFIGURED`].
    pub key: String,
    /// Whether it is the one of the configuration.
    pub is_configured: bool,
    /// What watches it.
    pub supervisor: Supervisor,
    /// The global variables that it sets itself, such as `local_ip_v4`, by its own account.
    own: RwLock<Variables>,
    /// To what carries out offers.
    accepted: mpsc::Sender<effects::accepted::Accepted>,
    stop: watch::Sender<bool>,
}

impl Driven {
    /// How the switch calls itself, as far as it has said so; else what it is called here.
    pub fn name(&self) -> String {
        self.supervisor.status().switchname.unwrap_or_else(|| self.key.clone())
    }

    /// A text in which the stored variables are replaced, with those replaced that only the switch knows, as far as it has
    /// told them. The usual name of a domain is one: `$${local_ip_v4}`.
    pub fn expand(&self, text: &str) -> String {
        self.own.read().unwrap_or_else(PoisonError::into_inner).expand(text).0
    }

    /// # Errors
    /// [`Error::NoSwitch`], which says what is in the way.
    fn check_connected(&self) -> Result<()> {
        let status = self.supervisor.status();
        if matches!(status.phase, Phase::Live | Phase::Reading) {
            return Ok(());
        }
        let trouble = status.trouble.map(|trouble| trouble.to_string());
        Err(Error::NoSwitch { reason: trouble.unwrap_or_else(|| "it is being connected".to_owned()) })
    }

    /// Where it keeps its sounds and recordings, by its own account: what is stored here does not move them.
    fn directories(&self) -> Directories {
        Directories::new(&self.expand("$${sounds_dir}"), &self.expand("$${recordings_dir}"))
    }

    fn own(&self) -> Variables {
        self.own.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Switches {
    pub(crate) fn all(&self) -> Vec<Arc<Driven>> {
        self.driven.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

impl Pbx {
    /// The switches that are driven, the one of the configuration first.
    pub fn switches(&self) -> Vec<Arc<Driven>> {
        let mut all = self.0.switches.all();
        all.sort_by_key(|driven| !driven.is_configured);
        all
    }

    /// The switch that is called so, here or by itself.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn switch(&self, name: &str) -> Result<Arc<Driven>> {
        let is_it = |driven: &Arc<Driven>| {
            driven.name().eq_ignore_ascii_case(name) || driven.key.eq_ignore_ascii_case(name)
        };
        let found = self.switches().into_iter().find(is_it);
        found.ok_or_else(|| Error::NotFound { what: "switch", name: name.to_owned() })
    }

    /// The switch that the messages of the documented API are about: the one of the configuration, or else the first.
    ///
    /// # Errors
    /// [`Error::NoSwitch`] when there is none.
    pub fn current_switch(&self) -> Result<Arc<Driven>> {
        self.switches().into_iter().next().ok_or(Error::NoSwitch { reason: "none is configured".to_owned() })
    }

    /// The same, if it is connected.
    ///
    /// # Errors
    /// [`Error::NoSwitch`], which says what is in the way.
    pub fn connected_switch(&self) -> Result<Arc<Driven>> {
        let driven = self.current_switch()?;
        driven.check_connected()?;
        Ok(driven)
    }

    /// The instance that a switch belongs to; `None` before there is a snapshot.
    pub fn instance_of(&self, driven: &Driven) -> Option<InstanceId> {
        let snapshot = self.snapshot()?;
        let known = snapshot.switches.get(&driven.name().to_lowercase()).copied();
        Some(InstanceId(known.unwrap_or(snapshot.default_instance)))
    }

    /// Where the event sockets of the switches are that are not in the configuration.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn event_sockets(&self) -> Result<Vec<EventSocket>> {
        Ok(self.store()?.event_sockets().await?)
    }

    /// Drives a switch from now on, or at another place.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for values that cannot be, and for the switch of the configuration, which is changed there.
    pub async fn set_event_socket(&self, by: &By, mut socket: EventSocket) -> Result<()> {
        socket.switch = socket.switch.trim().to_lowercase();
        let bad = |reason: &str| Err(Error::BadRequest(reason.to_owned()));
        crate::instances::check_name("the name of a switch", &socket.switch)?;
        if socket.host.trim().is_empty()
            || socket.host.len() > 253
            || socket.host.contains(char::is_whitespace)
        {
            return bad("`host` is the address or the name of the switch's machine");
        }
        if socket.port == 0 {
            return bad("`port` is from 1 to 65535");
        }
        if socket.pass.contains(|c: char| c.is_control()) {
            return bad("`pass` has no control characters");
        }
        if !(1..=LONGEST_TIMEOUT_S).contains(&socket.timeout_s) {
            return bad("`timeout` is from 1 to 300 seconds");
        }
        let is_configured =
            |driven: &Arc<Driven>| driven.is_configured && driven.name().eq_ignore_ascii_case(&socket.switch);
        if self.switches().iter().any(is_configured) || socket.switch == CONFIGURED {
            return bad("this is the switch of the configuration; change freeswitch.esl in the settings");
        }
        self.store()?.set_event_socket(&socket, &by.author(self.now())).await?;
        self.0.switches.changed.notify_one();
        Ok(())
    }

    /// Drives a switch no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn remove_event_socket(&self, by: &By, name: &str) -> Result<()> {
        let key = name.to_lowercase();
        if !self.store()?.remove_event_socket(&key, &by.author(self.now())).await? {
            return Err(Error::NotFound { what: "event socket of a switch", name: name.to_owned() });
        }
        self.0.switches.changed.notify_one();
        Ok(())
    }
}

/// The switch of the configuration; `None` where the host is empty.
fn configured(config: &Config) -> Option<(String, Address)> {
    let esl = &config.freeswitch.esl;
    if esl.host.trim().is_empty() {
        return None;
    }
    let name = config.freeswitch.switchname.trim();
    let key = if name.is_empty() { CONFIGURED.to_owned() } else { name.to_lowercase() };
    let address = Address {
        host: esl.host.clone(),
        port: esl.port,
        pass: esl.pass.reveal().to_owned(),
        timeout: Duration::from_secs(esl.timeout.clamp(1, LONGEST_TIMEOUT_S)),
    };
    Some((key, address))
}

fn address(socket: &EventSocket) -> Address {
    Address {
        host: socket.host.clone(),
        port: socket.port,
        pass: socket.pass.clone(),
        timeout: Duration::from_secs(socket.timeout_s.clamp(1, LONGEST_TIMEOUT_S)),
    }
}
