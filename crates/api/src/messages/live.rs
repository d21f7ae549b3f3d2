//! What goes on in the switches, pushed: `[Live]` with everything for those who know the rows, and the documented
//! subscriptions with the objects that changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use custompbx_pbx::feed::Event;
use custompbx_pbx::switches::LiveChange;
use custompbx_pbx::switches::live::Kind;
use custompbx_store::RevisionId;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::dispatch::Asked;
use super::named::callcenter::{AGENT, Shape, TIER};
use super::named::dashboard;
use super::reply::{Outcome, Refusal, Reply};
use crate::App;

/// The subscription to everything.
pub(crate) const LIVE: &str = "[Live]";
/// What the switches were told because of changes.
pub(crate) const EFFECTS: &str = "[Effects]";
const PROFILES: &str = "[Config] Get_sofia_profiles";
const GATEWAYS: &str = "[Config] Get_sofia_profile_gateways";
const MODULES: &str = "[Config][Get] Modules";
const USERS: [&str; 2] = ["GetDirectoryUsers", "[Users] Get_users"];
/// The agents of the call centre.
pub(crate) const AGENTS: &str = "SubscribeCallcenterAgents";
/// Which of them serve which queues.
pub(crate) const TIERS: &str = "SubscribeCallcenterTiers";

/// Everything of some kinds, to be followed from there: `switch` is one of them, `kinds` names tables.
pub(crate) async fn everything(asked: Asked<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let driven = match asked.data.text("switch") {
        Some(name) => pbx.switch(name)?,
        None => pbx.current_switch()?,
    };
    let kinds = match asked.data.get("kinds").and_then(Value::as_array) {
        None => Kind::ALL.to_vec(),
        Some(names) => {
            let named = names.iter().map(|name| name.as_str().and_then(Kind::named));
            named.collect::<Option<Vec<Kind>>>().ok_or(Refusal::new("wrong_data", "unknown kind"))?
        }
    };
    let everything = driven.supervisor.live().everything(&kinds);
    let mut rows: BTreeMap<&str, Map<String, Value>> =
        kinds.iter().map(|kind| (kind.name(), Map::new())).collect();
    for change in &everything.rows {
        rows.entry(change.kind.name()).or_default().insert(change.key.to_string(), (*change.row).clone());
    }
    let view = pbx.switch_view(&driven);
    Ok(Reply::empty()
        .with("switch", driven.key.as_str())
        .with("seq", everything.seq)
        .with("rows", json!(rows))
        .with("state", json!(view)))
}

/// What changed lately on the switches.
pub(crate) async fn effects(asked: Asked<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let driven = pbx.current_switch()?;
    let effects = pbx.effects_on(&driven.key, 100).await?;
    let shown: Vec<Value> = effects.iter().map(crate::rest::switches::effects::shown).collect();
    Ok(Reply::empty().with("switch", driven.key.as_str()).with("effects", shown))
}

/// Makes pushes of what happens in the switches; does not end.
pub(crate) async fn run(app: &App) {
    let mut events = app.pbx().events();
    let mut known = Known::default();
    loop {
        match events.recv().await {
            Ok(Event::Live(change)) => {
                let users = known.users_of(&change);
                changed(app, &change, users).await;
            }
            Ok(Event::SwitchChanged { switch }) => {
                if app.is_subscribed(LIVE) {
                    // One that is driven no longer has no state.
                    let driven = app.pbx().switch(&switch).ok();
                    let state = json!(driven.map(|driven| app.pbx().switch_view(&driven)));
                    publish(app, LIVE, [("switch", json!(switch)), ("state", state)]);
                }
            }
            Ok(Event::Effects { switch, revisions }) => {
                if app.is_subscribed(EFFECTS) {
                    let shown = effects_of(app, &switch, &revisions).await;
                    publish(app, EFFECTS, [("switch", json!(switch)), ("effects", json!(shown))]);
                }
            }
            Ok(_) => {}
            // Everybody is told to read again by those who push.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// What revisions came to on one switch; others may have been told of them as well.
async fn effects_of(app: &App, switch: &str, revisions: &[RevisionId]) -> Vec<Value> {
    let name = app.pbx().switch(switch).map_or_else(|_| switch.to_owned(), |driven| driven.name());
    let mut shown = Vec::new();
    for revision in revisions {
        let effects = match app.pbx().effects_of(*revision).await {
            Ok(effects) => effects,
            Err(error) => {
                tracing::warn!(error = error.chain(), "the effects of a change were not pushed");
                continue;
            }
        };
        let own = effects.iter().filter(|effect| effect.switch.eq_ignore_ascii_case(&name));
        shown.extend(own.map(crate::rest::switches::effects::shown));
    }
    shown
}

fn publish<const N: usize>(app: &App, name: &'static str, members: [(&str, Value); N]) {
    let members = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    app.pbx().publish(name, members);
}

async fn changed(app: &App, change: &LiveChange, users: Option<BTreeSet<String>>) {
    if app.is_subscribed(LIVE) {
        everything_changed(app, change);
    }
    // The documented ones are about the switch of the configuration.
    if app.pbx().current_switch().map_or(true, |driven| driven.key != change.switch) {
        return;
    }
    let touched: BTreeSet<Kind> = match &change.rows {
        Some(rows) => rows.iter().map(|row| row.kind).collect(),
        None => Kind::ALL.iter().copied().collect(),
    };
    if touched.contains(&Kind::Profiles) && app.is_subscribed(PROFILES) {
        let sofia = app.pbx().live_sofia().await;
        let data: Map<String, Value> =
            sofia.profiles.iter().map(|one| (one.id.to_string(), dashboard::profile(one))).collect();
        publish(app, PROFILES, [("data", data.into())]);
    }
    if touched.contains(&Kind::Gateways) && app.is_subscribed(GATEWAYS) {
        let sofia = app.pbx().live_sofia().await;
        let data: Map<String, Value> =
            sofia.gateways.iter().map(|one| (one.id.to_string(), dashboard::gateway(one))).collect();
        publish(app, GATEWAYS, [("data", data.into())]);
    }
    if touched.contains(&Kind::Modules) && app.is_subscribed(MODULES) {
        modules(app, change).await;
    }
    for (name, shape, member) in
        [(AGENTS, &AGENT, "callcenter_agents_list"), (TIERS, &TIER, "callcenter_tiers_list")]
    {
        if touched.contains(&shape.kind) && app.is_subscribed(name) {
            callcenter(app, change, name, shape, member);
        }
    }
    if USERS.iter().any(|name| app.is_subscribed(name)) {
        users_changed(app, users).await;
    }
}

/// The change as it is, or that everything has to be read again. It is made once for all who follow.
fn everything_changed(app: &App, change: &LiveChange) {
    let Some(rule) = super::push::rule(LIVE) else { return };
    app.sockets().push(&rule, &live_text(change).into());
}

fn live_text(change: &LiveChange) -> String {
    let Some(rows) = &change.rows else {
        return json!({ "MessageType": LIVE, "switch": change.switch, "resync": true }).to_string();
    };
    let changes: Vec<Value> = rows
        .iter()
        .map(|row| match row.changed() {
            Some(set) => json!({ "kind": row.kind.name(), "key": row.key, "set": set }),
            None => json!({ "kind": row.kind.name(), "key": row.key, "row": row.row() }),
        })
        .collect();
    let (after, seq) = (change.after, change.seq);
    json!({ "MessageType": LIVE, "switch": change.switch, "after": after, "seq": seq, "changes": changes })
        .to_string()
}

/// The objects of the rows that changed. The documented form can only say what is there: where a row is gone, or may be,
/// the list has to be read again.
fn callcenter(app: &App, change: &LiveChange, name: &'static str, shape: &Shape, member: &str) {
    let rows = change.rows.iter().flatten().filter(|row| row.kind == shape.kind);
    let (gone, there): (Vec<_>, Vec<_>) = rows.partition(|row| row.is_gone());
    if !there.is_empty() {
        let list: Map<String, Value> = there.iter().map(|row| shape.object(&row.key, &row.row())).collect();
        publish(app, name, [(member, list.into())]);
    }
    if change.rows.is_none() || !gone.is_empty() {
        publish(app, name, [("resync", json!(true))]);
    }
}

/// Which configurations' modules came or went: the objects of all that are stored.
async fn modules(app: &App, change: &LiveChange) {
    let rows = change.rows.iter().flatten().filter(|row| row.kind == Kind::Modules);
    let names: BTreeSet<String> = rows.map(|row| row.key.to_string()).collect();
    match super::named::modules::of_modules(app.pbx(), &names, change.rows.is_none()).await {
        Ok(module) => publish(app, MODULES, [("module", module.into())]),
        Err(error) => tracing::warn!(error = error.chain(), "the modules that changed were not pushed"),
    }
}

/// The users whose calls or registrations changed, as objects; `None` when nobody knows who they are.
async fn users_changed(app: &App, users: Option<BTreeSet<String>>) {
    let Some(users) = users else {
        USERS.iter().for_each(|name| publish(app, name, [("resync", json!(true))]));
        return;
    };
    match app.pbx().users_named(&users).await {
        Ok(objects) if objects.is_empty() => {}
        Ok(objects) => {
            for name in USERS.iter().filter(|name| app.is_subscribed(name)) {
                app.pbx().publish(*name, super::tree::push::users(name, &objects));
            }
        }
        Err(error) => tracing::warn!(error = error.chain(), "the users whose state changed were not pushed"),
    }
}

/// Whose the rows are, so that the one is known whose call ended.
#[derive(Default)]
struct Known(HashMap<(String, Kind, Arc<str>), String>);

impl Known {
    /// The users, `user@domain`, that a change is about; `None` where it does not say.
    fn users_of(&mut self, change: &LiveChange) -> Option<BTreeSet<String>> {
        let Some(rows) = &change.rows else {
            self.0.retain(|(switch, ..), _| *switch != change.switch);
            return None;
        };
        let mut users = BTreeSet::new();
        for row in rows {
            let user = match row.kind {
                // The key is user@realm/token.
                Kind::Registrations => {
                    users.insert(row.key.rsplit_once('/').map_or(&*row.key, |(user, _)| user).to_owned());
                    continue;
                }
                Kind::Channels | Kind::VertoClients => row.second_name(),
                _ => continue,
            };
            let key = (change.switch.clone(), row.kind, row.key.clone());
            let before = match user {
                Some(user) => self.0.insert(key, user.to_owned()),
                None => self.0.remove(&key),
            };
            users.extend(before);
            users.extend(user.map(str::to_owned));
        }
        Some(users)
    }
}

#[cfg(test)]
mod tests {
    use custompbx_pbx::switches::live::Live;
    use custompbx_switch::Event;

    use super::*;

    fn change(live: &mut Live, events: &[Value]) -> LiveChange {
        for event in events {
            let event = Event::from_json(event.to_string().as_bytes()).unwrap();
            let _ = live.apply(&event, 0);
        }
        let (after, seq, rows) = live.tell();
        LiveChange { switch: "s".to_owned(), after, seq, rows }
    }

    #[test]
    fn the_one_whose_call_ended_is_known() {
        let (mut live, mut known) = (Live::new(), Known::default());
        let mut users = |event: &str| {
            let event = json!({"Event-Name": event, "Unique-ID": "u1", "Channel-Presence-ID": "1000@d"});
            known.users_of(&change(&mut live, &[event])).unwrap().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(users("CHANNEL_CREATE"), ["1000@d"]);
        assert_eq!(users("CHANNEL_DESTROY"), ["1000@d"]);
        assert!(users("CHANNEL_DESTROY").is_empty());
        let nothing = LiveChange { switch: "s".to_owned(), after: 0, seq: 1, rows: None };
        assert_eq!(known.users_of(&nothing), None);
        assert!(live_text(&nothing).contains("\"resync\":true"));
    }

    #[test]
    fn only_what_changed_is_written() {
        let mut live = Live::new();
        let event = |state: &str| json!({"Event-Name": "CHANNEL_CALLSTATE", "Unique-ID": "u1", "Channel-Call-State": state});
        let text = live_text(&change(&mut live, &[event("RINGING")]));
        assert!(text.contains("\"row\":{") && text.contains("\"after\":0"), "{text}");
        let text = live_text(&change(&mut live, &[event("ACTIVE")]));
        assert!(text.contains("\"set\":{\"callstate\":\"ACTIVE\"}"), "{text}");
    }
}
