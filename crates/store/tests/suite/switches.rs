//! Event sockets, and what switches were told.

use crate::fixture::{Home, author, on_both_engines};
use custompbx_store::{EffectState, EventSocket, NewEffect, RevisionId, SCHEMA_VERSION};

on_both_engines!(
    event_sockets_are_kept,
    effects_are_kept_with_their_revisions,
    what_another_node_wrote_down_is_not_written_twice,
    an_offer_is_taken_once,
    what_waits_goes_with_the_name,
    a_switch_is_healed_once_in_a_run,
    the_first_schema_is_brought_up_to_date,
);

fn socket(switch: &str, port: u16) -> EventSocket {
    EventSocket { switch: switch.into(), host: "pbx".into(), port, pass: "geheim".into(), timeout_s: 10 }
}

async fn event_sockets_are_kept(home: Home) {
    let store = home.open().await;
    store.set_event_socket(&socket("fs2", 1), &author()).await.unwrap();
    store.set_event_socket(&socket("fs1", 2), &author()).await.unwrap();
    store.set_event_socket(&socket("fs2", 3), &author()).await.unwrap();
    assert_eq!(store.event_sockets().await.unwrap(), [socket("fs1", 2), socket("fs2", 3)]);
    assert!(!format!("{:?}", socket("fs1", 2)).contains("geheim"));
    let noted = store.audit(None, 10).await.unwrap();
    assert!(noted.items.iter().all(|entry| !entry.detail.contains("geheim")));
    assert!(store.remove_event_socket("fs1", &author()).await.unwrap());
    assert!(!store.remove_event_socket("fs1", &author()).await.unwrap());
    assert_eq!(store.event_sockets().await.unwrap().len(), 1);
}

fn new(revision: i64, line: &str, state: EffectState) -> NewEffect {
    let (command, line) = ("some.command".to_owned(), line.to_owned());
    let (reply, ends) = ("+OK".to_owned(), Vec::new());
    NewEffect { revision: RevisionId(revision), command, line, state, reply, ends }
}

async fn effects_are_kept_with_their_revisions(home: Home) {
    let store = home.open().await;
    assert_eq!(store.switch_progress("fs1").await.unwrap(), None);
    let effects = [new(7, "reloadacl", EffectState::Done), new(8, "reload mod_x", EffectState::Offered)];
    store.add_effects("fs1", None, RevisionId(8), &effects, 5).await.unwrap();
    store.add_effects("fs2", None, RevisionId(9), &[], 5).await.unwrap();
    assert_eq!(store.switch_progress("fs1").await.unwrap(), Some(RevisionId(8)));
    assert_eq!(store.switch_progress("fs2").await.unwrap(), Some(RevisionId(9)));
    let of = store.effects_of(RevisionId(7)).await.unwrap();
    assert_eq!(
        (&*of[0].line, of[0].state, &*of[0].reply, of[0].at_ms),
        ("reloadacl", EffectState::Done, "+OK", 5)
    );
    let on = store.effects_on("fs1", None, 10).await.unwrap();
    assert_eq!(on.iter().map(|effect| &*effect.line).collect::<Vec<_>>(), ["reload mod_x", "reloadacl"]);
    assert_eq!(store.effects_on("fs1", Some(EffectState::Offered), 10).await.unwrap().len(), 1);
    assert!(store.effects_on("fs2", None, 10).await.unwrap().is_empty());
}

async fn what_another_node_wrote_down_is_not_written_twice(home: Home) {
    let store = home.open().await;
    let effects = [new(7, "reloadacl", EffectState::Done)];
    assert!(store.add_effects("fs1", None, RevisionId(6), &[], 5).await.unwrap());
    assert!(!store.add_effects("fs1", None, RevisionId(7), &effects, 5).await.unwrap());
    let seen = Some(RevisionId(6));
    assert!(store.add_effects("fs1", seen, RevisionId(7), &effects, 5).await.unwrap());
    assert!(!store.add_effects("fs1", seen, RevisionId(7), &effects, 5).await.unwrap());
    assert_eq!(store.switch_progress("fs1").await.unwrap(), Some(RevisionId(7)));
    assert_eq!(store.effects_on("fs1", None, 10).await.unwrap().len(), 1);
    // A database that was set back.
    assert!(store.add_effects("fs1", Some(RevisionId(7)), RevisionId(2), &[], 6).await.unwrap());
    assert_eq!(store.switch_progress("fs1").await.unwrap(), Some(RevisionId(2)));
}

async fn an_offer_is_taken_once(home: Home) {
    let store = home.open().await;
    let offer = [new(7, "reload mod_x", EffectState::Offered)];
    store.add_effects("fs1", None, RevisionId(7), &offer, 5).await.unwrap();
    // The same again takes the place of the first.
    let again = [new(8, "reload mod_x", EffectState::Offered)];
    store.add_effects("fs1", Some(RevisionId(7)), RevisionId(8), &again, 6).await.unwrap();
    let open = store.effects_on("fs1", Some(EffectState::Offered), 10).await.unwrap();
    let [only] = &open[..] else { panic!("{open:?}") };
    assert_eq!(only.revision, RevisionId(8));
    // So does what ends it, and nothing else.
    let other =
        NewEffect { ends: vec!["reload mod_y".to_owned()], ..new(9, "unload mod_y", EffectState::Done) };
    store.add_effects("fs1", Some(RevisionId(8)), RevisionId(9), &[other], 6).await.unwrap();
    assert_eq!(store.effects_on("fs1", Some(EffectState::Offered), 10).await.unwrap().len(), 1);
    let offers = [new(10, "unload mod_y", EffectState::Offered), new(10, "load mod_y", EffectState::Offered)];
    store.add_effects("fs1", Some(RevisionId(9)), RevisionId(10), &offers, 6).await.unwrap();
    let load =
        NewEffect { ends: vec!["unload mod_y".to_owned()], ..new(11, "load mod_y", EffectState::Done) };
    store.add_effects("fs1", Some(RevisionId(10)), RevisionId(11), &[load], 6).await.unwrap();
    assert_eq!(store.effects_on("fs1", Some(EffectState::Offered), 10).await.unwrap().len(), 1);
    assert!(store.end_effect(only.id, EffectState::Done, "+OK", &author()).await.unwrap());
    assert!(!store.end_effect(only.id, EffectState::Done, "+OK", &author()).await.unwrap());
    assert_eq!(store.effect(only.id).await.unwrap().unwrap().state, EffectState::Done);
}

async fn what_waits_goes_with_the_name(home: Home) {
    let store = home.open().await;
    let states = [EffectState::Done, EffectState::Offered, EffectState::Accepted];
    let effects = states.map(|state| new(7, state.as_str(), state));
    store.add_effects("fs1", None, RevisionId(7), &effects, 5).await.unwrap();
    store.add_effects("fs3", None, RevisionId(9), &[], 5).await.unwrap();
    assert!(store.rename_switch("fs1", "fs2").await.unwrap());
    assert!(!store.rename_switch("fs1", "fs2").await.unwrap());
    assert_eq!(store.switch_progress("fs1").await.unwrap(), None);
    assert_eq!(store.switch_progress("fs2").await.unwrap(), Some(RevisionId(7)));
    let on = async |switch: &str| {
        let mut lines: Vec<String> =
            store.effects_on(switch, None, 9).await.unwrap().into_iter().map(|one| one.line).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        (on("fs1").await, on("fs2").await),
        (vec!["done".into()], vec!["accepted".into(), "offered".into()])
    );
    // Another switch has the name.
    assert!(!store.rename_switch("fs2", "fs3").await.unwrap());
    assert_eq!(store.switch_progress("fs3").await.unwrap(), Some(RevisionId(9)));
    assert_eq!(on("fs2").await.len(), 2);
}

async fn a_switch_is_healed_once_in_a_run(home: Home) {
    let store = home.open().await;
    assert_eq!(store.healed_run("fs1").await.unwrap(), None);
    for core in ["a", "b"] {
        store.set_healed_run("fs1", core).await.unwrap();
        assert_eq!(store.healed_run("fs1").await.unwrap().as_deref(), Some(core));
    }
    assert_eq!(store.healed_run("fs2").await.unwrap(), None);
}

async fn the_first_schema_is_brought_up_to_date(home: Home) {
    home.open().await.close().await;
    for sql in [
        "DROP TABLE event_socket",
        "DROP TABLE switch_progress",
        "DROP TABLE effect",
        "DROP TABLE switch_run",
        "DELETE FROM counter WHERE name = 'effect'",
        "UPDATE meta SET value = '1' WHERE key = 'schema_version'",
    ] {
        home.sql(sql).await;
    }
    let store = home.open().await;
    assert_eq!(store.schema_version().await.unwrap(), SCHEMA_VERSION);
    store.set_event_socket(&socket("fs1", 1), &author()).await.unwrap();
    assert_eq!(store.instances().await.unwrap().len(), 1);
}
