//! What of an object only the switches know: whether a user is registered or in a call, whether a module is loaded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use custompbx_model::declare::kind::{Kind, Link};
use custompbx_model::modules::configuration::{CONFIGURATION, Known};
use custompbx_model::modules::directory::kinds::{DOMAIN, USER};
use custompbx_model::{Node, NodeId};
use custompbx_store::InstanceId;
use custompbx_switch::Supervisor;
use serde_json::{Map, Value, json};

use super::Object;
use super::read::Reader;
use crate::Pbx;
use crate::error::Result;

/// The switches of an instance, to look at.
pub(crate) struct Watched {
    switches: Vec<Supervisor>,
    /// The names of the domains, with their variables replaced.
    domains: HashMap<NodeId, String>,
}

/// What a user is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UserState {
    /// Whether a telephone of theirs is registered by SIP.
    pub(crate) sip_register: bool,
    /// Or by Verto.
    pub(crate) verto_register: bool,
    /// Whether there is a call of theirs.
    pub(crate) in_call: bool,
    /// Whether one is answered.
    pub(crate) talking: bool,
    /// The newest of them.
    pub(crate) last_uuid: String,
    /// `inbound` or `outbound`, as the switch sees it.
    pub(crate) call_direction: String,
    /// When it began, in seconds since 1970 by our clock; 0 for none.
    pub(crate) call_date: i64,
}

impl UserState {
    fn members(self) -> Map<String, Value> {
        let Self { sip_register, verto_register, in_call, talking, last_uuid, call_direction, call_date } =
            self;
        let members = [
            ("call_date", json!(call_date)),
            ("in_call", json!(in_call)),
            ("talking", json!(talking)),
            ("last_uuid", json!(last_uuid)),
            ("call_direction", json!(call_direction)),
            ("sip_register", json!(sip_register)),
            ("verto_register", json!(verto_register)),
        ];
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl Watched {
    /// What the switches know of an object; empty for what they know nothing of.
    pub(crate) fn of(&self, kind: &Kind, node: &Node, owners: &[Link]) -> Map<String, Value> {
        if self.switches.is_empty() || kind.live.is_empty() {
            return Map::new();
        }
        if *kind == USER {
            let domain = owners
                .iter()
                .rev()
                .find(|link| *link.kind == DOMAIN)
                .and_then(|link| self.domains.get(&link.id));
            let (Some(domain), Some(user)) = (domain, node.attribute("id")) else { return Map::new() };
            return self.user(user, domain).members();
        }
        if *kind == DOMAIN {
            let Some(domain) = self.domains.get(&node.id) else { return Map::new() };
            return Map::from_iter([("sip_regs_counter".to_owned(), json!(self.registrations(domain)))]);
        }
        if *kind == CONFIGURATION {
            let module = node.attribute("name").and_then(Known::of).and_then(|known| known.module);
            // The core is always there.
            let loaded = module.is_none_or(|module| {
                self.switches.iter().any(|switch| switch.live().tables().modules.contains(module))
            });
            return Map::from_iter([("loaded".to_owned(), json!(loaded))]);
        }
        Map::new()
    }

    fn registrations(&self, domain: &str) -> usize {
        let count = |switch: &Supervisor| switch.live().tables().registrations.by_index(domain).count();
        self.switches.iter().map(count).sum()
    }

    /// What a user is doing, on whichever switch.
    pub(crate) fn user(&self, user: &str, domain: &str) -> UserState {
        let mut state = UserState::default();
        let presence = format!("{user}@{domain}");
        for switch in &self.switches {
            let live = switch.live();
            state.sip_register |= live.is_registered(user, domain);
            state.verto_register |= live.tables().verto_clients.by_index(&presence).next().is_some();
            let offset_s =
                live.tables().host.rows().next().and_then(|host| host.clock_offset_ms).unwrap_or_default()
                    / 1_000;
            for channel in live.channels_of(&presence) {
                state.in_call = true;
                state.talking |= channel.callstate.as_deref() == Some("ACTIVE");
                let began = channel.created_s.and_then(|at| i64::try_from(at).ok()).unwrap_or_default();
                if began.saturating_add(offset_s) >= state.call_date {
                    state.call_date = began.saturating_add(offset_s);
                    state.last_uuid = channel.uuid.to_string();
                    state.call_direction = channel.direction.as_deref().unwrap_or_default().to_owned();
                }
            }
        }
        state
    }
}

impl Pbx {
    /// The switches of an instance, to look at.
    pub(crate) fn watched_of(&self, instance: InstanceId) -> Watched {
        let driven = self.switches();
        let of_instance = driven.iter().filter(|driven| self.instance_of(driven) == Some(instance));
        let switches: Vec<Supervisor> = of_instance.map(|driven| driven.supervisor.clone()).collect();
        let mut domains = HashMap::new();
        if let Some(snapshot) = self.snapshot().filter(|_| !switches.is_empty())
            && let Some(of) = snapshot.instances.get(&instance.0)
        {
            // Those of one instance are called by the same names; a name that each has of its own is that of the first.
            let first = driven.iter().find(|driven| self.instance_of(driven) == Some(instance));
            let name = |name: &str| {
                let name = of.variables.expand(name).0;
                first.map_or(name.clone(), |driven| driven.expand(&name))
            };
            domains.extend(of.directory.domains.iter().map(|domain| (domain.id, name(&domain.name))));
        }
        Watched { switches, domains }
    }

    /// The users of the default instance that are called so in the switch, `user@domain`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn users_named(&self, names: &BTreeSet<String>) -> Result<Vec<Object>> {
        let instance = self.default_instance().await?.id;
        let reader = self.reader(instance).await?;
        let Some(watched) = &reader.watched else { return Ok(Vec::new()) };
        let mut wanted: BTreeMap<NodeId, Vec<&str>> = BTreeMap::new();
        for (user, domain) in names.iter().filter_map(|name| name.rsplit_once('@')) {
            let known = watched.domains.iter().filter(|(_, name)| name.eq_ignore_ascii_case(domain));
            known.for_each(|(id, _)| wanted.entry(*id).or_default().push(user));
        }
        let mut objects = Vec::new();
        for (domain, users) in wanted {
            for user in reader.store.users_named(domain, &users).await? {
                objects.extend(reader.find(&USER, user.node.id).await?);
            }
        }
        Ok(objects)
    }

    /// A text of the default instance with its variables replaced, as far as they are known.
    pub fn expanded(&self, text: &str) -> String {
        let Some(snapshot) = self.snapshot() else { return text.to_owned() };
        match snapshot.instances.get(&snapshot.default_instance) {
            Some(instance) => {
                let text = instance.variables.expand(text).0;
                self.current_switch().map_or(text.clone(), |driven| driven.expand(&text))
            }
            None => text.to_owned(),
        }
    }

    /// The name of a queue of the call centre in the default instance.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_name(&self, id: NodeId) -> Result<Option<String>> {
        let instance = self.default_instance().await?.id;
        let document = crate::browse::document(&self.store()?, instance, "callcenter.conf").await?;
        let mut name = None;
        if let Some(document) = document {
            document.walk(&mut |node| {
                if node.id == id && &*node.tag == "queue" {
                    name = node.attribute("name").map(|name| self.expanded(name));
                }
            });
        }
        Ok(name)
    }

    /// A reader whose objects have what the switches know of them.
    pub(super) async fn reader(&self, instance: InstanceId) -> Result<Reader> {
        let mut reader = Reader::new(self.store()?, instance).await?;
        reader.watched = Some(self.watched_of(instance));
        Ok(reader)
    }
}
