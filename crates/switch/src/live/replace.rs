//! The tables made equal to what was read.

use std::collections::HashSet;
use std::sync::Arc;

use super::rows::Profile;
use super::{Kind, Live, Reading};

/// Rows that events put in and take out whole. Of them what was heard while the switch was asked is newer than its
/// answer; of the others an answer tells more than an event.
const BY_EVENTS: &[Kind] = &[Kind::Registrations, Kind::Channels, Kind::Members, Kind::ConferenceMembers];

impl Live {
    /// Makes the tables equal to what was read.
    pub fn replace(&mut self, reading: Reading) {
        self.replace_asked_at(reading, self.seq());
    }

    /// [`replace`](Self::replace), when the switch was asked at the change `seq` and events came since: rows that come
    /// and go with events stay as these left them.
    pub fn replace_asked_at(&mut self, reading: Reading, seq: u64) {
        let fresh = |kind: Kind| -> HashSet<Arc<str>> {
            if !BY_EVENTS.contains(&kind) {
                return HashSet::new();
            }
            self.log.since(seq, &[kind]).into_iter().flatten().map(|(_, key)| key).collect()
        };
        match reading {
            Reading::Host(host) => {
                self.tables.host.replace(vec![*host], |_| true, &fresh(Kind::Host), &mut self.log);
            }
            Reading::Registrations(rows) => {
                let fresh = fresh(Kind::Registrations);
                self.tables.registrations.replace(rows, |_| true, &fresh, &mut self.log);
            }
            Reading::Channels(rows) => {
                let fresh = fresh(Kind::Channels);
                self.tables.channels.replace(rows, |_| true, &fresh, &mut self.log);
            }
            Reading::Sofia { profiles, gateways } => {
                self.replace_profiles(profiles, Profile::SOFIA);
                self.tables.gateways.replace(gateways, |_| true, &HashSet::new(), &mut self.log);
            }
            Reading::Modules(rows) => {
                self.tables.modules.replace(rows, |_| true, &HashSet::new(), &mut self.log);
            }
            Reading::Callcenter { queues, agents, tiers, members } => {
                let fresh = fresh(Kind::Members);
                self.tables.queues.replace(queues, |_| true, &HashSet::new(), &mut self.log);
                self.tables.agents.replace(agents, |_| true, &HashSet::new(), &mut self.log);
                self.tables.tiers.replace(tiers, |_| true, &HashSet::new(), &mut self.log);
                self.tables.members.replace(members, |_| true, &fresh, &mut self.log);
            }
            Reading::Conferences { conferences, members } => {
                let fresh = fresh(Kind::ConferenceMembers);
                self.tables.conferences.replace(conferences, |_| true, &HashSet::new(), &mut self.log);
                self.tables.conference_members.replace(members, |_| true, &fresh, &mut self.log);
            }
            Reading::Verto { profiles, clients } => {
                self.replace_profiles(profiles, Profile::VERTO);
                self.tables.verto_clients.replace(clients, |_| true, &HashSet::new(), &mut self.log);
            }
        }
    }

    /// Both modules have profiles; those of the other one stay.
    fn replace_profiles(&mut self, profiles: Vec<Profile>, kind: &str) {
        let of_kind = |profile: &Profile| *profile.kind == *kind;
        self.tables.profiles.replace(profiles, of_kind, &HashSet::new(), &mut self.log);
    }
}
