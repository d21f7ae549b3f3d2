//! What is so after any events.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::event::FIELDS;
use crate::live::rows::Channel;
use crate::live::{CUSTOM, EVENTS};

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "99999999999999999999",
    "a",
    "b",
    "a@b",
    "@",
    "a|b",
    "<",
    "sip:1@h",
    "<sip:1@h>",
    "true",
    "false",
    "none",
    "hangup",
    "HANGUP",
    "ACTIVE",
    "Cancel",
    "DOWN",
    "mod_sofia",
    "Registered(UDP)",
    "é",
    "*",
    "Receiving",
    "moderator",
];

const ACTIONS: &[&str] = &[
    "conference-create",
    "conference-destroy",
    "add-member",
    "del-member",
    "mute-member",
    "floor-change",
    "lock",
    "unlock",
    "start-talking",
    "start-recording",
];

const CC_ACTIONS: &[&str] = &[
    "agent-status-change",
    "agent-state-change",
    "agent-contact-change",
    "agent-offering",
    "bridge-agent-start",
    "bridge-agent-end",
    "bridge-agent-fail",
    "member-queue-start",
    "member-queue-resume",
    "member-queue-end",
    "members-count",
    "agent-add",
];

#[derive(Clone, Debug)]
enum Step {
    Event(Box<Event>),
    Channels(Vec<u8>),
    Look,
    Clear,
}

fn event() -> impl Strategy<Value = Event> {
    let kinds = EVENTS.len() + CUSTOM.len();
    let fields = prop::collection::vec(prop::sample::select(VALUES), FIELDS.len());
    let names = (0..kinds, 0..20u64, prop::sample::select(ACTIONS), prop::sample::select(CC_ACTIONS));
    // Some fields are missing, so that what is read instead of them is read.
    let missing = prop::collection::vec(prop::bool::weighted(0.3), FIELDS.len());
    (names, fields, missing).prop_map(|((kind, seq, action, cc_action), values, missing)| {
        let seq = seq.to_string();
        let (name, subclass) = match EVENTS.get(kind) {
            Some(name) => (*name, ""),
            None => ("CUSTOM", CUSTOM[kind - EVENTS.len()]),
        };
        let fields =
            FIELDS.iter().zip(values.iter().zip(&missing)).filter_map(|(field, (value, missing))| {
                let value = match *field {
                    "Event-Name" => name,
                    "Event-Subclass" => subclass,
                    "Action" => action,
                    "CC-Action" => cc_action,
                    "Core-UUID" => "core",
                    "Event-Sequence" if !missing => &seq,
                    _ if *missing => return None,
                    _ => value,
                };
                Some((*field, value))
            });
        Event::of(&fields.collect::<Vec<_>>())
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => event().prop_map(|event| Step::Event(Box::new(event))),
        2 => prop::collection::vec(0..6u8, 0..6).prop_map(Step::Channels),
        5 => Just(Step::Look),
        1 => Just(Step::Clear),
    ]
}

/// Somebody who follows a switch by its changes.
#[derive(Default)]
struct Follower {
    seq: u64,
    rows: BTreeMap<(Kind, Arc<str>), Arc<Value>>,
}

impl Follower {
    fn look(&mut self, live: &Live) {
        let delta = live.changes_since(self.seq, Kind::ALL).unwrap();
        self.seq = delta.seq;
        for change in delta.rows {
            let key = (change.kind, change.key);
            if change.row.is_null() {
                self.rows.remove(&key)
            } else {
                self.rows.insert(key, change.row)
            };
        }
    }
}

fn check(live: &Live) {
    let tables = live.tables();
    let mut realms: BTreeMap<&str, usize> = BTreeMap::new();
    for row in tables.registrations.rows() {
        *realms.entry(&row.realm).or_default() += 1;
        assert!(live.is_registered(&row.user, &row.realm));
    }
    assert_eq!(live.registrations_per_realm().collect::<Vec<_>>(), realms.into_iter().collect::<Vec<_>>());
    for (key, row) in tables.channels.iter() {
        assert_eq!(**key, *row.uuid);
        assert!(tables.channels.changed(key) <= Some(live.seq()));
        if let Some(presence) = &row.presence_id {
            assert!(live.channels_of(presence).any(|found| found.uuid == row.uuid));
        }
    }
    let calls = live.calls();
    assert_eq!(calls.calls.iter().map(|call| call.legs.len()).sum::<usize>(), calls.total);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn who_follows_the_changes_knows_everything(steps in prop::collection::vec(step(), 1..60)) {
        let (mut live, mut follower) = (Live::new(), Follower::default());
        for step in steps {
            match step {
                Step::Event(event) => {
                    let _ = live.apply(&event, NOW_MS);
                }
                Step::Channels(uuids) => {
                    let row = |at: u8| Channel {
                        uuid: at.to_string().into(),
                        presence_id: at.is_multiple_of(2).then(|| "a@b".into()),
                        ..Channel::default()
                    };
                    live.replace(Reading::Channels(uuids.into_iter().map(row).collect()));
                }
                Step::Look => follower.look(&live),
                Step::Clear => live.clear(),
            }
            check(&live);
        }
        follower.look(&live);
        prop_assert_eq!(&follower.rows, &rows(&live));
    }
}
