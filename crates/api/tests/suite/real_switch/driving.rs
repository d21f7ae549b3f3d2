//! A server that drives the real FreeSWITCH which it has booted.

use std::time::{Duration, Instant};

use custompbx_store::{EffectState, RevisionId, Role};
use custompbx_testkit::real_switch::Switch;
use custompbx_testkit::server::{Socket, TestPbx};
use serde_json::Value;
use tokio::task::block_in_place;

use super::{boot, prepare};
use crate::asking::Client;

/// Longer than a switch takes for anything, on a machine with much else to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const CONF: &str = "section/configuration configuration";
pub(super) const KEY: &str = "default";

/// Waits until something is so.
pub(super) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what} does not come true");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits for a message that is so; others are passed over.
pub(super) async fn told(stream: &mut Socket, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let coming = async {
        loop {
            let message = stream.next().await;
            if is_it(&message) {
                return message;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, coming).await;
    told.unwrap_or_else(|_| panic!("{what} is not told"))
}

pub(super) struct Driven<'p> {
    pub(super) pbx: &'p TestPbx,
    pub(super) admin: Client<'p>,
    pub(super) switch: Switch,
    pub(super) sip: std::net::SocketAddr,
}

impl<'p> Driven<'p> {
    pub(super) async fn start(pbx: &'p TestPbx, home: &std::path::Path, event_socket: u16) -> Self {
        let ports = prepare(pbx, Some(event_socket)).await;
        let switch = boot(pbx, home, &ports).await;
        let admin = Client::new(pbx, Role::Admin).await;
        let sip = ports.sip();
        let driven = Self { pbx, admin, switch, sip };
        until("the switch is live", async || driven.view().await["phase"] == "live").await;
        driven
    }

    pub(super) async fn view(&self) -> Value {
        self.admin.get(&format!("/switches/{KEY}")).await
    }

    pub(super) async fn rows(&self, kind: &str) -> Value {
        self.admin.get(&format!("/switches/{KEY}/live/{kind}")).await["rows"].clone()
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Value {
        self.admin.rest("POST", path, &body).await.json()
    }

    pub(super) fn api(&self, command: &str) -> String {
        block_in_place(|| self.switch.api(command))
    }

    /// What a revision came to, once it did.
    pub(super) async fn effects(&self, revision: Option<RevisionId>) -> Vec<(String, EffectState, String)> {
        let revision = revision.expect("something changed");
        let mut found = Vec::new();
        until("the effects are written down", async || {
            found = self.pbx.pbx.effects_of(revision).await.unwrap();
            !found.is_empty()
        })
        .await;
        found.into_iter().map(|effect| (effect.line, effect.state, effect.reply)).collect()
    }
}
