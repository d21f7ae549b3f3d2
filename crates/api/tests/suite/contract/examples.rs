//! Every example, and its whole answer.

use std::sync::LazyLock;

use custompbx_store::Role;
use custompbx_testkit::server::{Engine, SignedIn, TestPbx};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::events::{EVENTS, Event};
use super::types::Type;
use super::world::{Fresh, Ids, World};
use crate::engines::on_both_engines;

on_both_engines!(examples_are_answered_as_documented);

/// Where an answer differs from the example, and why.
#[derive(Deserialize)]
struct Deviation {
    event: String,
    /// The way to a value of the example; `*` is every member.
    #[serde(default)]
    path: Option<String>,
    /// What it is here; nothing: it is not there.
    #[serde(default)]
    value: Option<Value>,
    /// The whole answer is this.
    #[serde(default)]
    answer: Option<Value>,
    /// Lists have other elements beside.
    #[serde(default)]
    others: bool,
    reason: String,
}

fn deviations(event: &str) -> Vec<Deviation> {
    let all: Vec<Deviation> = serde_json::from_str(include_str!("../../contract/deviations.json")).unwrap();
    assert!(all.iter().all(|deviation| deviation.reason.len() > 10));
    all.into_iter().filter(|deviation| deviation.event == event || deviation.event == "*").collect()
}

/// Members of ours that no client knows, and that tell more.
const MORE: &[&str] = &["imported", "notes", "skipped", "warnings"];

/// Sends a message by POST.
pub(super) async fn send(pbx: &TestPbx, who: &SignedIn, name: &str, data: &Value) -> Value {
    let mut data = data.clone();
    data["token"] = who.token.as_str().into();
    let body = json!({ "event": name, "data": data }).to_string();
    let reply = pbx.http("POST", "/api/v1", &[("Content-Type", "application/json")], body.as_bytes()).await;
    assert_eq!(reply.status, 200, "{name}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    reply.json()
}

/// The example's request with the ids of our nodes.
pub(super) fn request(event: &Event, ids: &Ids) -> Value {
    let mut request = event.example_request();
    let kind_of_id = id_kind(event);
    for object in ["condition", "action", "antiaction", "regex", "variable"] {
        if let Some(id) = request[object].get("id").and_then(Value::as_i64) {
            request[object]["id"] = ids.ours(event.entity().unwrap(), id).into();
        }
    }
    if let (Some(id), Some(kind)) = (request.get("id").and_then(Value::as_i64), &kind_of_id) {
        request["id"] = ids.ours(kind, id).into();
    }
    if let Some(id) = request.get("id_int").and_then(Value::as_i64) {
        request["id_int"] = ids.ours("directory.user", id).into();
    }
    request
}

/// The same request as the documentation has it: fields in an object; the id of something new stays outside.
fn in_object(event: &Event, object: &str, flat: &Value) -> Value {
    let mut inside = flat.clone();
    let mut data = json!({});
    if event.operation() == "add_child" {
        data["id"] = inside.as_object_mut().unwrap().remove("id").unwrap();
    }
    data[object] = inside;
    data
}

/// What the `id` of a request is the id of.
pub(super) fn id_kind(event: &Event) -> Option<String> {
    let words = [
        ("configuration", "configuration"),
        ("domain", "directory.domain"),
        ("user", "directory.user"),
        ("group", "directory.group"),
        ("gateway", "directory.gateway"),
        ("context", "dialplan.context"),
        ("extension", "dialplan.extension"),
        ("condition", "dialplan.condition"),
    ];
    let meaning = event.meaning("id");
    let named = words
        .iter()
        .find(|(word, _)| {
            meaning.trim_end_matches(" (not of the extension)").ends_with(&format!("the {word}"))
        })
        .map(|(_, kind)| (*kind).to_owned());
    match event.operation() {
        "add_child" | "list_children" | "import" => named,
        _ if event.name() == "[Config][Autoload] Module" => named,
        _ => event.entity().map(str::to_owned),
    }
}

/// The example's answer with the deviations.
pub(super) fn expected(event: &Event) -> Value {
    let mut expected = event.example_answer().clone();
    for deviation in deviations(event.name()) {
        if let Some(answer) = deviation.answer {
            expected = answer;
        }
        if let Some(path) = &deviation.path {
            let path: Vec<&str> = path.split('/').collect();
            set(&mut expected, &path, deviation.value.as_ref());
        }
    }
    expected
}

fn set(place: &mut Value, path: &[&str], value: Option<&Value>) {
    let Some((first, rest)) = path.split_first() else { return };
    let children: Vec<&mut Value> = match place {
        Value::Object(members) if rest.is_empty() && *first != "*" => {
            match value {
                Some(value) => drop(members.insert((*first).to_owned(), value.clone())),
                None => drop(members.remove(*first)),
            }
            return;
        }
        Value::Object(members) => members
            .iter_mut()
            .filter(|(name, _)| *first == "*" || name == first)
            .map(|(_, value)| value)
            .collect(),
        Value::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        set(child, rest, value);
    }
}

/// What differs. In lists and maps of a trimmed example there may be more.
fn differences(way: &str, expected: &Value, actual: &Value, trimmed: bool, all: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            let is_map = |members: &Map<String, Value>| members.keys().all(|key| key.parse::<i64>().is_ok());
            let may_have_more = trimmed && (is_map(expected) || way.ends_with("modules"));
            for (name, value) in expected {
                match actual.get(name) {
                    Some(other) => differences(&format!("{way}/{name}"), value, other, trimmed, all),
                    None => all.push(format!("{way}/{name} is missing")),
                }
            }
            for name in actual.keys().filter(|name| !may_have_more && !expected.contains_key(*name)) {
                all.push(format!("{way}/{name} is too much"));
            }
        }
        (Value::Array(expected), Value::Array(actual)) if trimmed => {
            for value in expected {
                match actual.iter().find(|other| other["id"] == value["id"]) {
                    Some(other) => differences(&format!("{way}/[]"), value, other, trimmed, all),
                    None => all.push(format!("{way} has no {value}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (value, other) in expected.iter().zip(actual) {
                differences(&format!("{way}/[]"), value, other, trimmed, all);
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => all.push(format!("{way} is {actual}, expected {expected}")),
    }
}

/// Whether a value has the form that the documentation shows.
fn form(way: &str, form: &Value, actual: &Value, all: &mut Vec<String>) {
    match (form, actual) {
        (Value::Object(form), Value::Object(actual)) => {
            if let (1, Some(inner)) = (form.len(), form.get("<id>")) {
                for (name, value) in actual {
                    if name.parse::<i64>().is_err() {
                        all.push(format!("{way}/{name} is no id"));
                    }
                    self::form(&format!("{way}/<id>"), inner, value, all);
                }
                return;
            }
            for (name, inner) in form {
                match actual.get(name) {
                    Some(value) => self::form(&format!("{way}/{name}"), inner, value, all),
                    // These are left out when there is nothing to say.
                    None if ["cc_agent", "total"].contains(&name.as_str()) => {}
                    None => all.push(format!("{way}/{name} is missing")),
                }
            }
            for name in actual.keys().filter(|name| !form.contains_key(*name)) {
                all.push(format!("{way}/{name} is not documented"));
            }
        }
        (Value::String(word), actual) => {
            let fits = match word.as_str() {
                "int" => actual.is_i64(),
                "bool" => actual.is_boolean(),
                "string" => actual.is_string(),
                word => actual == word,
            };
            if !fits {
                all.push(format!("{way} is {actual}, expected {word}"));
            }
        }
        _ => all.push(format!("{way} is {actual}, expected {form}")),
    }
}

/// What an object has otherwise than the list of objects says.
fn shape(kind: &str, object: &Value) -> Vec<String> {
    static SHAPES: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../contract/shapes.json")).unwrap());
    let fields = SHAPES[kind]["fields"].as_object().unwrap_or_else(|| panic!("no object {kind}"));
    let mut wrong = Vec::new();
    for (name, field) in fields {
        let fits = match (object.get(name), field["type"].as_str().unwrap()) {
            (None, _) => field["omitted_when_empty"] == true,
            (Some(value), "int") => value.is_i64(),
            (Some(value), "bool") => value.is_boolean(),
            (Some(value), "string") => value.is_string(),
            // A reference: an object with an id.
            (Some(value), _) => value["id"].is_i64(),
        };
        if !fits {
            wrong.push(format!("{kind}.{name} is {:?}, expected {}", object.get(name), field["type"]));
        }
    }
    let strangers = object.as_object().unwrap().keys().filter(|name| !fields.contains_key(*name));
    wrong.extend(strangers.map(|name| format!("{kind}.{name} is no member")));
    wrong
}

/// The answer, where ids that the example does not have are all the same: what is made twice has two of them.
fn without_new(answer: &Value) -> Value {
    match answer {
        Value::Number(number) if number.as_i64().is_some_and(|number| number < 0) => json!(-1),
        Value::Array(items) => items.iter().map(without_new).collect(),
        Value::Object(members) => {
            let id = |name: &str| if name.starts_with('-') { "-1".to_owned() } else { name.to_owned() };
            let members = members.iter().map(|(name, value)| (id(name), without_new(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

async fn examples_are_answered_as_documented(engine: Engine) {
    let pbx = TestPbx::on(engine).await;
    let admin = pbx.sign_in_as(Role::Admin).await;
    let mut socket = pbx.socket().await;
    let mut wrong = Vec::new();
    let mut documented = Vec::new();
    for event in EVENTS.iter() {
        let others = deviations(event.name()).iter().any(|deviation| deviation.others);
        let trimmed = event.is_trimmed() || others;
        let mut answers = Vec::new();
        for name in event.names() {
            let mut ways = Vec::new();
            for by_socket in [false, true] {
                let (world, fresh) = World::before(event, trimmed);
                let ids = world.store(&pbx).await;
                let mut data = request(event, &ids);
                if let (Some(object), true) = (event.documented_object(), name != event.name()) {
                    data = in_object(event, object, &data);
                }
                let answer = if by_socket {
                    socket.ask_as(&admin, name, data).await
                } else {
                    send(&pbx, &admin, name, &data).await
                };
                ways.push(ids.to_examples(&answer, &mut Fresh::new(fresh)));
            }
            if without_new(&ways[0]) != without_new(&ways[1]) {
                wrong.push(format!("{name}: {} by POST, {} by WebSocket", ways[0], ways[1]));
            }
            answers.push((name, ways.remove(0)));
        }
        let (name, answer) = answers[0].clone();
        Type::of(event.answer_types()).objects(&answer, &mut |kind, object| {
            wrong.extend(shape(kind, object).into_iter().map(|text| format!("{name}: {text}")));
        });
        let mut expected = expected(event);
        let mut actual = answer;
        actual.as_object_mut().unwrap().retain(|name, _| !MORE.contains(&name.as_str()));
        // A message with one name is answered in both forms at once; each is compared by itself.
        if let (Some(form), true) = (event.documented_form(), answers.len() == 1) {
            let mut second = Map::new();
            for name in form.as_object().unwrap().keys() {
                if expected.get(name).is_none() {
                    second.insert(
                        name.clone(),
                        actual.as_object_mut().unwrap().remove(name).unwrap_or_default(),
                    );
                } else {
                    second.insert(name.clone(), actual[name].clone());
                }
            }
            answers.push((name, second.into()));
        }
        expected["MessageType"] = event.name().into();
        let mut found = Vec::new();
        differences("", &expected, &actual, trimmed, &mut found);
        wrong.extend(found.into_iter().map(|text| format!("{name}: {text}")));
        if let Some(form) = event.documented_form() {
            let (name, answer) = answers.last().unwrap();
            let mut found = Vec::new();
            self::form("", form, answer, &mut found);
            let known = deviations(&format!("{} documented", event.name()));
            found.retain(|text| !known.iter().any(|known| known.path.as_deref() == Some(text)));
            wrong.extend(found.into_iter().map(|text| format!("{name}: {text}")));
            documented.push(answer.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!("documented", documented.join("\n"));
    pbx.stop().await;
}
