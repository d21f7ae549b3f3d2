//! The tables, said once.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::changes::Log;
use super::rows::{
    Agent, Channel, Conference, ConferenceMember, Gateway, Host, Member, Module, Profile, Queue,
    Registration, Tier, VertoClient,
};
use super::table::{Row, Table};
use super::telling::Told;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $kind:ident($row:ty),)*) => {
        /// What a row is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Its name, as clients know it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($name),)*
                }
            }
        }

        $(impl Of for $row {
            const OF: Kind = Kind::$kind;
        })*

        /// The rows of a switch, by kind.
        #[derive(Debug, Default)]
        pub struct Tables {
            $($(#[$doc])* pub $name: Table<$row>,)*
        }

        impl Tables {
            /// How many rows of this kind there are.
            pub fn len(&self, kind: Kind) -> usize {
                match kind {
                    $(Kind::$kind => self.$name.len(),)*
                }
            }

            /// A row as it is now; `null` when there is none.
            pub fn value(&self, kind: Kind, key: &str) -> Arc<Value> {
                match kind {
                    $(Kind::$kind => self.$name.get(key).map_or_else(|| Arc::new(Value::Null), |row| value(&**row)),)*
                }
            }

            pub(super) fn all(&self, kind: Kind) -> Vec<Told> {
                match kind {
                    $(Kind::$kind => self.$name.iter().map(|(key, row)| Told::whole(key.clone(), row)).collect(),)*
                }
            }

            pub(super) fn tell(&mut self, kind: Kind, key: Arc<str>) -> Told {
                match kind {
                    $(Kind::$kind => self.$name.tell(key),)*
                }
            }

            pub(super) fn clear(&mut self, log: &mut Log) {
                $(self.$name.clear(log);)*
            }
        }
    };
}

tables! {
    /// SIP registrations.
    registrations: Registrations(Registration),
    /// Channels, which are the legs of calls.
    channels: Channels(Channel),
    /// Profiles of mod_sofia and mod_verto.
    profiles: Profiles(Profile),
    /// SIP gateways.
    gateways: Gateways(Gateway),
    /// Loaded modules.
    modules: Modules(Module),
    /// Queues of mod_callcenter.
    queues: Queues(Queue),
    /// Agents of mod_callcenter.
    agents: Agents(Agent),
    /// Which agent serves which queue.
    tiers: Tiers(Tier),
    /// Callers in queues.
    members: Members(Member),
    /// Conferences.
    conferences: Conferences(Conference),
    /// Who is in the conferences.
    conference_members: ConferenceMembers(ConferenceMember),
    /// Clients that are logged in at mod_verto.
    verto_clients: VertoClients(VertoClient),
    /// The switch itself: one row.
    host: Host(Host),
}

/// The kind of a row, for [`Row::KIND`].
pub(super) trait Of {
    const OF: Kind;
}

impl Kind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

fn value<R: Row>(row: &R) -> Arc<Value> {
    // Rows are texts, numbers and flags by name: nothing that could not be written.
    Arc::new(serde_json::to_value(row).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_their_kinds() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::ALL.len(), 13);
        assert_eq!(Kind::named("nosuch"), None);
    }
}
