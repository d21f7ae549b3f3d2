//! What makes no sense is refused in the documented words, each with a code; every listed text is brought about.

use std::collections::{BTreeMap, BTreeSet};

use custompbx_model::declare::message::{Need, Operation, Place, Take};
use custompbx_model::modules;
use custompbx_store::Role;
use custompbx_testkit::server::{Engine, SignedIn, Socket, TestPbx};
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::{EVENTS, Event};
use super::examples::{request, send};
use super::world::World;
use crate::engines::on_both_engines;

on_both_engines!(what_makes_no_sense_is_refused);

/// Texts that every message can be refused with.
const COMMON: &[&str] = &[
    "wrong id",
    "empty data",
    "wrong data",
    "wrong position",
    "can't add",
    "can't update",
    "can't delete",
    "can't get updated item",
    // Where nothing is documented.
    "user is already in the group",
    "no esl connection",
    "module name not found",
    "already exists",
];

/// A listed text that no request can bring about, and why.
#[derive(Deserialize)]
struct Never {
    text: String,
    /// Of which message; nothing: of any.
    #[serde(default)]
    event: Option<String>,
    reason: String,
}

struct Trial<'a> {
    pbx: &'a TestPbx,
    admin: &'a SignedIn,
    socket: &'a mut Socket,
    event: &'a Event,
    said: BTreeMap<String, BTreeSet<String>>,
    wrong: Vec<String>,
}

impl Trial<'_> {
    /// Sends a request under every name, and expects a refusal.
    async fn refused(&mut self, data: &Value, code: &str) {
        for name in self.event.names() {
            let answer = send(self.pbx, self.admin, name, data).await;

            let by_socket = self.socket.ask_as(self.admin, name, data.clone()).await;
            if answer != by_socket {
                self.wrong.push(format!("{name} {data}: {answer} by POST, {by_socket} by WebSocket"));
            }
            let text = answer["error"].as_str().unwrap_or_default();
            let is_known = self.event.texts().contains(&text) || COMMON.contains(&text);
            if answer["error_code"] != code || !is_known || answer["MessageType"] != name {
                self.wrong.push(format!("{name} {data}: {answer}, expected {code}"));
            }
            self.said.entry(self.event.name().to_owned()).or_default().insert(text.to_owned());
        }
    }

    /// The same with another value of a member, and without it.
    async fn with(&mut self, valid: &Value, way: &[&str], values: &[Value], code: &str) {
        for value in values {
            self.refused(&changed(valid, way, Some(value)), code).await;
        }
    }
}

fn changed(valid: &Value, way: &[&str], value: Option<&Value>) -> Value {
    let mut data = valid.clone();
    let (last, above) = way.split_last().unwrap();
    let place = above.iter().fold(&mut data, |place, name| &mut place[*name]);
    match value {
        Some(value) => place[*last] = value.clone(),
        None => drop(place.as_object_mut().unwrap().remove(*last)),
    }
    data
}

/// No id, whatever it is.
fn no_ids() -> Vec<Value> {
    let beyond: Value = serde_json::from_str("9223372036854775808").unwrap();
    vec![
        Value::Null,
        json!(0),
        json!(-1),
        json!(1.5),
        json!("1"),
        beyond,
        json!([1]),
        json!({"id": 1}),
        json!(true),
    ]
}

async fn what_makes_no_sense_is_refused(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let ids = World::whole().store(&pbx).await;
    let before = pbx.tree().await;
    let (mut said, mut wrong) = (BTreeMap::new(), Vec::new());
    for event in EVENTS.iter() {
        let mut trial = Trial {
            pbx: &pbx,
            admin: &admin,
            socket: &mut socket,
            event,
            said: BTreeMap::new(),
            wrong: Vec::new(),
        };
        let valid = request(event, &ids);
        match modules::message(event.name()) {
            Some(message) => {
                declared(&mut trial, &valid, message, before.id.0, ids.ours("directory.user", 36)).await;
            }
            None => special(&mut trial, &valid, ids.ours("directory.domain", 11)).await,
        }
        said.append(&mut trial.said);
        wrong.append(&mut trial.wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pbx.tree().await.same_content(&before), "a refusal changed something");
    never_said(&said);
    pbx.stop().await;
}

/// Messages that are data: their declarations say what can be wrong.
async fn declared(
    trial: &mut Trial<'_>,
    valid: &Value,
    message: &custompbx_model::declare::message::Message,
    root: i64,
    stranger: i64,
) {
    let object = match message.request {
        Place::Inside(name) | Place::FieldsInside(name) => Some(name),
        Place::Flat | Place::Either(_) => None,
    };
    let way = |field: &'static str| -> Vec<&'static str> { object.into_iter().chain([field]).collect() };
    let id_way = match message.request {
        Place::Inside(name) => vec![name, "id"],
        _ => vec!["id"],
    };
    if trial.event.fields().any(|field| field == id_way.join(".")) {
        trial.with(valid, &id_way, &no_ids(), "wrong_id").await;
        // Without an id and without the object that it could be in, there is nothing at all.
        let is_new = matches!(message.operation, Operation::Add(_));
        let nothing = matches!(message.request, Place::Either(_)) && !is_new;
        let code = if nothing { "empty_data" } else { "wrong_id" };
        trial.refused(&changed(valid, &id_way, None), code).await;
        // Ids that nothing has, and those of something else.
        let unknown = [json!(i64::MAX), json!(999_999_999), json!(root), json!(stranger)];
        let of_users =
            message.kind.name.starts_with("directory.user") || message.kind.name == "directory.gateway";
        let unknown = if of_users { &unknown[..3] } else { &unknown[..] };
        trial.with(valid, &id_way, unknown, "not_found").await;
    }
    if let Some(object) = object {
        for value in [Value::Null, json!([]), json!("x"), json!(1)] {
            trial.refused(&changed(valid, &[object], Some(&value)), "empty_data").await;
        }
    }
    match message.operation {
        Operation::Add(takes) | Operation::Update(takes) => {
            for take in takes {
                field(trial, valid, &way(take.from), take, message.kind.field(take.to).unwrap().value).await;
            }
            if message.kind.unique && takes.iter().any(|take| take.from == "name") {
                let is_new = matches!(message.operation, Operation::Add(_));
                let taken = match message.kind.name {
                    "directory.domain" => "IMPORTED.example",
                    "directory.user" => "2100",
                    "dialplan.extension" => "EXT2",
                    _ if is_new => {
                        valid.pointer(&format!("/{}", way("name").join("/"))).unwrap().as_str().unwrap()
                    }
                    _ => "OTHER",
                };
                trial.refused(&changed(valid, &way("name"), Some(&json!(taken))), "exists").await;
            }
        }
        Operation::Switch => {
            let values = [Value::Null, json!("true"), json!(1), json!([])];
            trial.with(valid, &way("enabled"), &values, "wrong_data").await;
            trial.refused(&changed(valid, &way("enabled"), None), "wrong_data").await;
        }
        Operation::Move => {
            let seen = valid["previous_index"].as_i64().unwrap_or(1);
            for (previous, current) in [
                (json!(seen + 7), json!(1)),
                (json!(seen), json!(0)),
                (json!(seen), json!(-1)),
                (json!(seen), json!(100_000)),
                (json!(seen), json!("1")),
                (json!(null), json!(1)),
                (json!(seen), json!(1.5)),
            ] {
                let data = changed(valid, &["previous_index"], Some(&previous));
                trial.refused(&changed(&data, &["current_index"], Some(&current)), "wrong_position").await;
            }
        }
        Operation::AddUsers => {
            field(
                trial,
                valid,
                &["name"],
                &Take::same("name", Need::Filled),
                custompbx_model::declare::kind::Type::Name,
            )
            .await;
            trial.refused(valid, "exists").await;
            for (bulk, code) in [
                (json!(101), "too_many"),
                (json!(-1), "wrong_data"),
                (json!(1.5), "wrong_data"),
                (json!("2"), "wrong_data"),
            ] {
                trial.refused(&changed(valid, &["bulk"], Some(&bulk)), code).await;
            }
            let data = changed(valid, &["name"], Some(&json!("anna")));
            trial.refused(&changed(&data, &["bulk"], Some(&json!(2))), "wrong_data").await;
        }
        Operation::AddGroupUser => {
            trial.with(valid, &["id_int"], &no_ids(), "wrong_id").await;
            trial.with(valid, &["id_int"], &[json!(i64::MAX), json!(stranger)], "not_found").await;
            trial.refused(valid, "exists").await;
        }
        Operation::List | Operation::Details | Operation::Delete => {}
    }
    if message.kind.fixed.is_some() {
        fixed(trial, valid, object).await;
    }
    // Who sends an id with something new means something that is there.
    if let Place::FieldsInside(object) = message.request {
        trial.refused(&changed(valid, &[object, "id"], Some(&json!(7))), "empty_data").await;
    }
}

/// What FreeSWITCH sets itself.
async fn fixed(trial: &mut Trial<'_>, valid: &Value, object: Option<&str>) {
    let Some(object) = object else { return };
    if valid[object].get("name").is_some() {
        trial.refused(&changed(valid, &[object, "name"], Some(&json!("Local_IP_v4"))), "fixed").await;
    } else {
        let tree = trial.pbx.tree().await;
        let hostname = custompbx_testkit::server::find(&tree, "variables variable/hostname").id.0;
        trial.refused(&changed(valid, &[object, "id"], Some(&json!(hostname))), "fixed").await;
    }
}

async fn field(
    trial: &mut Trial<'_>,
    valid: &Value,
    way: &[&str],
    take: &Take,
    of: custompbx_model::declare::kind::Type,
) {
    use custompbx_model::declare::kind::Type;

    let mut bad: Vec<(Value, &str)> = vec![(json!([]), "wrong_data"), (json!({}), "wrong_data")];
    if take.need == Need::Filled || matches!(of, Type::Name) {
        bad.extend([(json!(""), "empty_data"), (json!(" \t\n"), "empty_data")]);
    }
    if take.need != Need::Optional {
        bad.push((Value::Null, "empty_data"));
        trial.refused(&changed(valid, way, None), "empty_data").await;
    }
    match of {
        Type::Name => bad.extend([
            (json!("x".repeat(10_000)), "wrong_data"),
            (json!("a\u{0}b"), "wrong_data"),
            (json!("a\nb"), "wrong_data"),
            (json!("a\u{1b}[0m"), "wrong_data"),
            (json!(5), "wrong_data"),
            (json!(true), "wrong_data"),
        ]),
        Type::Text => bad.extend([
            (json!("x".repeat(70_000)), "wrong_data"),
            (json!("a\u{0}b"), "wrong_data"),
            (json!("a\u{1}b"), "wrong_data"),
            (json!(5), "wrong_data"),
        ]),
        Type::Number => bad.extend([
            (json!("x"), "wrong_data"),
            (json!("-1"), "wrong_data"),
            (json!(1.5), "wrong_data"),
            (json!("99999999999999999999"), "wrong_data"),
            (json!(""), "empty_data"),
        ]),
        Type::Bool => bad.extend([(json!("true"), "wrong_data"), (json!(1), "wrong_data")]),
        Type::TrueOrEmpty => bad.extend([(json!("false"), "wrong_data"), (json!(true), "wrong_data")]),
        Type::OneOf(_) => bad.extend([(json!("sideways"), "wrong_data"), (json!(1), "wrong_data")]),
        Type::Networks => {
            bad.extend([(json!("not-a-cidr"), "wrong_data"), (json!("10.0.0.0/33"), "wrong_data")]);
        }
    }
    for (value, code) in bad {
        trial.refused(&changed(valid, way, Some(&value)), code).await;
    }
}

/// Messages that are code.
async fn special(trial: &mut Trial<'_>, valid: &Value, domain: i64) {
    let event = trial.event;
    if event.fields().any(|field| field == "id") {
        trial.with(valid, &["id"], &no_ids(), "wrong_id").await;
        trial.refused(&changed(valid, &["id"], None), "wrong_id").await;
        let unknown = if event.entity() == Some("directory.user") {
            vec![json!(i64::MAX), json!(1)]
        } else {
            vec![json!(i64::MAX), json!(1), json!(domain)]
        };
        trial.with(valid, &["id"], &unknown, "not_found").await;
    }
    if event.fields().any(|field| field == "enabled") {
        let values = [Value::Null, json!("true"), json!(1)];
        trial.with(valid, &["enabled"], &values, "wrong_data").await;
        trial.refused(&changed(valid, &["enabled"], None), "wrong_data").await;
    }
    if event.fields().any(|field| field == "name") {
        trial.with(valid, &["name"], &[Value::Null, json!(""), json!(5)], "empty_data").await;
        trial.with(valid, &["name"], &[json!("nonsense"), json!("../x")], "not_found").await;
    }
    if event.name() == "[Config][From scratch] Module" {
        trial.refused(&json!({"name": "redis"}), "exists").await;
    }
    if event.fields().any(|field| field == "file") {
        trial.with(valid, &["file"], &[Value::Null, json!(""), json!(" \n"), json!(5)], "empty_data").await;
        let broken = [
            json!("<domain name='x'>\n  <params></domain>"),
            json!("<user id='1'"),
            json!("<a/><![CDATA["),
            json!("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"),
            json!(format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000))),
        ];
        trial.with(valid, &["file"], &broken, "syntax").await;
        let strangers = [
            json!("<unknown/>"),
            json!("hello"),
            json!("<unknown/><domain name='a'/>"),
            json!("<document/><document/>"),
        ];
        trial.with(valid, &["file"], &strangers, "unrecognized").await;
        let commands = [json!("<domain name='a'><X-PRE-PROCESS cmd='exec' data='id'/></domain>")];
        trial.with(valid, &["file"], &commands, "preprocessor").await;
        let empty = match event.entity() {
            Some("directory.user") => json!("<users/>"),
            _ => json!("<document/>"),
        };
        trial.with(valid, &["file"], &[empty], "nothing").await;
    }
    if [
        "[Config][Import] Module",
        "ImportDirectory",
        "[Config][Load] Module",
        "[Config][Unload] Module",
        "[Config][Reload] Module",
    ]
    .contains(&event.name())
    {
        trial.refused(valid, "no_switch").await;
    }
    // The module of a configuration that is read by the core.
    if event.name() == "[Config][Autoload] Module" {
        let tree = trial.pbx.tree().await;
        let acl = custompbx_testkit::server::find(&tree, "section/configuration configuration/acl.conf").id.0;
        trial.refused(&json!({ "id": acl }), "not_found").await;
    }
}

/// Every listed text was said, but for those that nothing can bring about.
fn never_said(said: &BTreeMap<String, BTreeSet<String>>) {
    let never: Vec<Never> = serde_json::from_str(include_str!("../../contract/texts.json")).unwrap();
    assert!(never.iter().all(|never| never.reason.len() > 10));
    let mut unused: Vec<&Never> = never.iter().collect();
    let mut missing = Vec::new();
    for event in EVENTS.iter() {
        for text in event.texts() {
            if said.get(event.name()).is_some_and(|said| said.contains(text)) {
                continue;
            }
            let fits = |never: &&Never| {
                never.event.as_deref().is_none_or(|of| of == event.name()) && text.starts_with(&never.text)
            };
            match never.iter().find(fits) {
                Some(found) => unused.retain(|never| !std::ptr::eq(*never, found)),
                None => missing.push(format!("{}: {text}", event.name())),
            }
        }
    }
    assert!(missing.is_empty(), "never said:\n{}", missing.join("\n"));
    assert!(
        unused.is_empty(),
        "can be left out: {:?}",
        unused.iter().map(|never| &never.text).collect::<Vec<_>>()
    );
}
