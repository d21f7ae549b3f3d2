//! `[Dashboard]`: how the machine and the switch are.

use custompbx_pbx::dashboard::{Busy, Dashboard, EVERY, Gateway, Profile, Reading, Sofia};
use custompbx_pbx::feed::Event;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use crate::App;
use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Reply};

/// The name of the message and of the subscription.
const NAME: &str = "[Dashboard]";

/// Everything at once.
pub(crate) async fn dashboard(asked: Asked<'_>) -> Outcome {
    Ok(Reply::empty().with("dashboard_data", whole(&asked.app.pbx().dashboard().await)))
}

/// Publishes what the machine does as long as somebody follows, and what is configured when that changes; does not end.
pub(crate) async fn run(app: &App) {
    let pbx = app.pbx();
    let mut events = pbx.events();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known: Option<Map<String, Value>> = None;
    loop {
        let changed = tokio::select! {
            _ = tick.tick() => false,
            event = events.recv() => match event {
                Ok(Event::TreeChanged { .. } | Event::TreeReplaced | Event::Live(_) | Event::SwitchChanged { .. })
                | Err(RecvError::Lagged(_)) => true,
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
        };
        if !app.is_subscribed(NAME) {
            known = None;
            continue;
        }
        let current = switch(&pbx.busy(), &pbx.live_sofia().await);
        // Only the members that are otherwise than they were.
        let mut data: Map<String, Value> = match &known {
            Some(known) => {
                current.iter().filter(|(name, value)| known.get(*name) != Some(*value)).map(cloned).collect()
            }
            None => Map::new(),
        };
        known = Some(current);
        if !changed {
            data.extend(moving(&*pbx.reading().await));
        }
        if !data.is_empty() {
            pbx.publish(NAME, Map::from_iter([("dashboard_data".to_owned(), data.into())]));
        }
    }
}

/// All members, in the documented order.
pub(crate) fn whole(dashboard: &Dashboard) -> Map<String, Value> {
    let mut whole = machine(&dashboard.reading);
    whole.extend(switch(&dashboard.calls, &dashboard.sofia));
    whole
}

fn cloned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// The members about the switch.
fn switch(busy: &Busy, profiles: &Sofia) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("domain_sip_regs".to_owned(), json!(busy.registrations));
    members.insert("calls_counter".to_owned(), json!({"answered": busy.answered, "total": busy.channels}));
    members.extend(sofia(profiles));
    members
}

/// The members that never stand still.
fn moving(reading: &Reading) -> Map<String, Value> {
    let mut members = machine(reading);
    members.retain(|name, _| matches!(&**name, "timestamp" | "dynamic_metrics"));
    members
}

/// The members about the machine.
fn machine(reading: &Reading) -> Map<String, Value> {
    let at = jiff::Timestamp::from_millisecond(reading.at_ms).unwrap_or_default();
    let members = [
        ("timestamp", at.to_string().into()),
        ("hostname", reading.hostname.as_str().into()),
        ("os", std::env::consts::OS.into()),
        ("platform", reading.platform.as_str().into()),
        ("cpu_model", reading.cpu_model.as_str().into()),
        ("cpu_frequency", reading.cpu_frequency.into()),
        ("dynamic_metrics", metrics(reading).into()),
    ];
    members.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)).collect()
}

/// What is nothing is left out.
fn metrics(reading: &Reading) -> Map<String, Value> {
    let members: [(&str, Value); 7] = [
        ("total_memory", reading.total_memory.into()),
        ("free_memory", reading.free_memory.into()),
        ("percentage_used_memory", reading.used_memory.into()),
        ("total_disc_space", reading.total_disk.into()),
        ("free_disk_space", reading.free_disk.into()),
        ("percentage_disk_usage", reading.used_disk.into()),
        ("core_utilization", json!(reading.cores)),
    ];
    let is_something = |value: &Value| match value {
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let kept = members.into_iter().filter(|(_, value)| is_something(value));
    kept.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The members about SIP.
fn sofia(sofia: &Sofia) -> Map<String, Value> {
    let profiles: Vec<Value> = sofia.profiles.iter().map(profile).collect();
    let gateways: Vec<Value> = sofia.gateways.iter().map(gateway).collect();
    [("sofia_profiles".to_owned(), profiles.into()), ("sofia_gateways".to_owned(), gateways.into())]
        .into_iter()
        .collect()
}

/// A profile as clients know it.
pub(crate) fn profile(profile: &Profile) -> Value {
    json!({
        "id": profile.id,
        "position": profile.position,
        "enabled": profile.enabled,
        "name": profile.name,
        "description": "",
        "parent": {"id": profile.document},
        "started": profile.live.started,
        "state": profile.live.state,
        "uri": profile.live.uri,
    })
}

/// A gateway as clients know it.
pub(crate) fn gateway(gateway: &Gateway) -> Value {
    json!({
        "id": gateway.id,
        "position": gateway.position,
        "enabled": gateway.enabled,
        "name": gateway.name,
        "description": "",
        "parent": {"id": gateway.profile},
        "started": gateway.live.started,
        "state": gateway.live.state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nothing_is_left_out() {
        let reading = Reading { total_memory: 7, used_memory: 0.5, ..Reading::default() };
        assert_eq!(json!(metrics(&reading)), json!({"total_memory": 7, "percentage_used_memory": 0.5}));
        let reading = Reading { cores: vec![0.0], ..Reading::default() };
        assert_eq!(json!(metrics(&reading)), json!({"core_utilization": [0.0]}));
        assert_eq!(machine(&reading)["timestamp"], "1970-01-01T00:00:00Z");
    }
}
