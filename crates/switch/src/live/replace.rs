//! The tables made equal to what was read.

use std::collections::HashSet;
use std::sync::Arc;

use super::rows::Profile;
use super::{Kind, Live, Reading};

impl Live {
    /// Makes the tables equal to what was read.
    pub fn replace(&mut self, reading: Reading) {
        self.replace_asked_at(reading, self.seq());
    }

    /// [`replace`](Self::replace), when the switch was asked at the change `seq` and events came since: rows that come
    /// and go with events stay as these left them.
    ///
    /// Whether it is another run of the switch than the one that was known: then nothing else is known any more.
    pub fn replace_asked_at(&mut self, reading: Reading, seq: u64) -> bool {
        let mut another_run = false;
        let by_events = match &reading {
            Reading::Registrations(_) => Some(Kind::Registrations),
            Reading::Channels(_) => Some(Kind::Channels),
            Reading::Callcenter { .. } => Some(Kind::Members),
            Reading::Conferences { .. } => Some(Kind::ConferenceMembers),
            Reading::Host(_) | Reading::Sofia { .. } | Reading::Modules(_) | Reading::Verto { .. } => None,
        };
        // Events put these in and take them out whole, so what was heard while the switch was asked is newer than its
        // answer. Of the others an answer tells more than an event.
        let fresh = by_events.and_then(|kind| self.log.since(seq, &[kind]));
        let fresh: HashSet<Arc<str>> = fresh.into_iter().flatten().map(|(_, key)| key).collect();
        if let Reading::Host(host) = &reading
            && let Some(core) = &host.core_uuid
        {
            another_run = self.runs_as(core);
        }
        let (none, tables, log) = (HashSet::new(), &mut self.tables, &mut self.log);
        match reading {
            Reading::Host(host) => tables.host.replace(vec![*host], |_| true, &none, log),
            Reading::Registrations(rows) => tables.registrations.replace(rows, |_| true, &fresh, log),
            Reading::Channels(rows) => tables.channels.replace(rows, |_| true, &fresh, log),
            Reading::Modules(rows) => tables.modules.replace(rows, |_| true, &none, log),
            Reading::Sofia { profiles, gateways } => {
                tables.profiles.replace(profiles, |row| *row.kind == *Profile::SOFIA, &none, log);
                tables.gateways.replace(gateways, |_| true, &none, log);
            }
            Reading::Callcenter { queues, agents, tiers, members } => {
                tables.queues.replace(queues, |_| true, &none, log);
                tables.agents.replace(agents, |_| true, &none, log);
                tables.tiers.replace(tiers, |_| true, &none, log);
                tables.members.replace(members, |_| true, &fresh, log);
            }
            Reading::Conferences { conferences, members } => {
                tables.conferences.replace(conferences, |_| true, &none, log);
                tables.conference_members.replace(members, |_| true, &fresh, log);
            }
            Reading::Verto { profiles, clients } => {
                // mod_sofia has profiles as well; those stay.
                tables.profiles.replace(profiles, |row| *row.kind == *Profile::VERTO, &none, log);
                tables.verto_clients.replace(clients, |_| true, &none, log);
            }
        }
        another_run
    }
}
