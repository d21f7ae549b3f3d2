//! Revisions: what was changed, and the ways back.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use custompbx_model::address::Address;
use custompbx_model::{Node, NodeId};
use custompbx_pbx::Error;
use custompbx_pbx::history::{About, Conflict, How, Moment, Placed, Step, Told, WayBack};
use custompbx_store::{Revision, RevisionId, WebUser, Which};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::by;
use super::element::{Media, REVISION};
use crate::App;
use crate::etag::Tags;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

const LIST: &str = "/api/v2/instances/{instance}/revisions";
const ONE: &str = "/api/v2/instances/{instance}/revisions/{revision}";
const UNDO: &str = "/api/v2/instances/{instance}/revisions/{revision}:undo";
const RESTORE: &str = "/api/v2/instances/{instance}/restore";
const GONE_BACK: Answer = Answer {
    description: "It is done, or it was only looked at.",
    schema: "WayBack",
    headers: &["ETag", "CustomPBX-Revision"],
    ..Answer::OK
};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        description: "Newest first. Those about an address or a node are those that did something to it or to what is \
                      in it.",
        parameters: &["limit", "cursor", "actor", "address", "node", "since", "until"],
        answers: &[Answer { schema: "Revisions", ..Answer::OK }],
        ..Operation::new("GET", LIST, "listRevisions", "history", "What was changed, when and by whom")
    },
    Operation {
        description: "The first 200 steps; `total_steps` says how many there are. Elements that came or went are shown \
                      with what was in them, down to 2,000 elements in all.",
        answers: &[Answer { schema: "RevisionWithSteps", ..Answer::OK }],
        ..Operation::new("GET", ONE, "getRevision", "history", "What a revision changed")
    },
    Operation {
        description: "What was changed since stays; where it is in the way, this is refused (409) with all places, \
                      unless it is forced. The undoing is a revision itself.",
        parameters: &["preview", "If-Match"],
        body: Some(Body { schema: "Undo", media: &[JSON], example: r#"{"preview": true}"# }),
        answers: &[GONE_BACK],
        ..Operation::new("POST", UNDO, "undoRevision", "history", "Take a revision back")
    },
    Operation {
        description: "Everything that was changed since is taken back, in one revision.",
        parameters: &["preview", "If-Match"],
        body: Some(Body {
            schema: "Restore",
            media: &[JSON],
            example: r#"{"to": "2026-11-25T12:00:00Z", "preview": true}"#,
        }),
        answers: &[GONE_BACK],
        ..Operation::new("POST", RESTORE, "restoreInstance", "history", "Go back to a moment")
    },
];

pub(crate) fn schemas() -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let integer = json!({ "type": "integer" });
    let number = json!({ "type": ["integer", "null"] });
    let flag = |meaning: &str| json!({ "type": "boolean", "description": meaning });
    let preview = flag("Nothing is changed; the answer says what would be.");
    let address = json!({ "type": ["string", "null"],
        "description": "Where it is now, or was as far as what it was in is there." });
    let old = json!({ "oneOf": [reference("OldElement"), { "type": "null" }] });
    let revision = json!({
        "id": integer,
        "at": { "type": ["string", "null"], "format": "date-time" },
        "actor": { "type": "string" },
        "origin": { "type": "string", "description": "By which way: `rest`, `api`, `import`." },
        "summary": { "type": "string" },
    });
    let with_steps = {
        let mut members = revision.clone();
        members["steps"] = json!({ "type": "array", "items": reference("Step") });
        members["total_steps"] = integer.clone();
        // What the switches did because of it, or are to be told.
        members["effects"] = json!({ "type": "array", "items": reference("Effect") });
        members
    };
    json!({
        "Revision": {
            "type": "object",
            "required": ["id", "at", "actor", "origin", "summary"],
            "properties": revision,
        },
        "Revisions": {
            "type": "object",
            "required": ["items", "total", "next"],
            "properties": {
                "items": { "type": "array", "items": reference("Revision") },
                "total": integer,
                "next": { "type": ["string", "null"], "description": "The cursor of the next page." },
            },
        },
        "RevisionWithSteps": {
            "type": "object",
            "required": ["id", "at", "actor", "origin", "summary", "steps", "total_steps", "effects"],
            "properties": with_steps,
        },
        "Step": {
            "type": "object",
            "required": ["op", "node", "address", "before", "after"],
            "properties": {
                "op": { "enum": ["insert", "update", "enable", "move", "delete"] },
                "node": integer,
                "address": address,
                "before": old,
                "after": old,
            },
        },
        "OldElement": {
            "type": "object",
            "required": ["id", "tag", "name", "enabled", "attributes", "text"],
            "properties": {
                "id": integer,
                "tag": { "type": "string" },
                "name": { "type": ["string", "null"] },
                "enabled": { "type": "boolean" },
                "attributes": { "type": "object", "additionalProperties": { "type": "string" } },
                "text": { "type": ["string", "null"] },
                "parent": number,
                "position": { "type": ["integer", "null"], "description": "Among all children, from 1." },
                "children": { "type": "array", "items": reference("OldElement") },
                "child_count": { "type": "integer", "description": "Where the children are left out." },
            },
        },
        "Undo": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "preview": preview,
                "force": flag("Also over what was changed since."),
            },
        },
        "Restore": {
            "type": "object",
            "additionalProperties": false,
            "required": ["to"],
            "properties": {
                "to": {
                    "oneOf": [{ "type": "integer" }, { "type": "string", "format": "date-time" }],
                    "description": "The number of a revision, or a time: right behind it.",
                },
                "preview": preview,
            },
        },
        "WayBack": {
            "type": "object",
            "required": ["preview", "seen", "revision", "served", "steps", "total_steps", "conflicts"],
            "properties": {
                "preview": { "type": "boolean" },
                "seen": { "type": "integer", "description": "The newest revision before; also the ETag of a preview." },
                "revision": { "type": ["integer", "null"],
                    "description": "The new one; null for a preview, and when everything was so already." },
                "served": { "type": "boolean", "description": "Whether FreeSWITCH gets it already." },
                "steps": { "type": "array", "items": reference("Step") },
                "total_steps": integer,
                "conflicts": { "type": "array", "items": {
                    "type": "object",
                    "required": ["node", "address", "why", "revision"],
                    "properties": {
                        "node": integer,
                        "address": address,
                        "why": { "type": "string" },
                        "revision": { "type": ["integer", "null"], "description": "The newest one that did it." },
                    },
                } },
            },
        },
    })
}

/// How many revisions a page has unless it is said.
const PAGE: u32 = 50;

/// How many elements the steps of an answer show.
const MOST_SHOWN: usize = 2_000;

/// Which page of which revisions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
    actor: Option<String>,
    address: Option<String>,
    node: Option<i64>,
    since: Option<String>,
    until: Option<String>,
}

/// The part of a query that says how to go back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackQuery {
    #[serde(default)]
    preview: bool,
}

/// How to take a revision back.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UndoBody {
    preview: bool,
    force: bool,
}

/// How to go back to a moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreBody {
    to: Value,
    #[serde(default)]
    preview: bool,
}

type Asked = Result<Query<BackQuery>, QueryRejection>;

pub(crate) async fn list(
    State(app): State<App>,
    path: super::Named,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let instance = super::name(path)?;
    let Query(page) = page.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let bad = |_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "the cursor is none that was given out; begin with the first page",
        )
    };
    let before =
        page.cursor.as_deref().map(|cursor| cursor.parse().map(RevisionId)).transpose().map_err(bad)?;
    let wrong = |name: &'static str, message: String| {
        Problem::new(StatusCode::BAD_REQUEST, format!("{name}: {message}")).error("parameter", name, message)
    };
    let time = |name: &'static str, text: Option<&String>| {
        let read = |text: &String| time(text).ok_or_else(|| wrong(name, TIME.to_owned()));
        text.map(read).transpose()
    };
    let address = page.address.as_deref().map(|address| Address::parse(address.trim_matches('/')));
    let address = address.transpose().map_err(|error| wrong("address", error.to_string()))?;
    if address.is_some() && page.node.is_some() {
        return Err(wrong("node", "only one of address and node can be asked for".to_owned()));
    }
    let which = Which {
        since_ms: time("since", page.since.as_ref())?,
        until_ms: time("until", page.until.as_ref())?,
        actor: page.actor,
        nodes: None,
    };
    let about = About { which, address, node: page.node.map(NodeId) };
    let found = app.pbx().revisions(&instance, about, before, page.limit.unwrap_or(PAGE)).await?;
    let items: Vec<Value> = found.items.iter().map(|revision| shown(revision).into()).collect();
    let next = found.next.map(|next| next.to_string());
    Ok(Json(json!({ "items": items, "total": found.total, "next": next })))
}

pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let (instance, text) = place(path)?;
    let Told { revision, steps, total } = app.pbx().revision(&instance, number(&text)?).await?;
    let mut members = shown(&revision);
    members.insert("steps".to_owned(), shown_steps(&steps));
    members.insert("total_steps".to_owned(), total.into());
    let effects = app.pbx().effects_of(revision.id).await?;
    let effects: Vec<Value> = effects.iter().map(super::switches::effects::shown).collect();
    members.insert("effects".to_owned(), effects.into());
    Ok(Json(members.into()))
}

/// Takes a revision back. The verb is a part of the last segment.
pub(crate) async fn undo(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Asked,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(HeaderMap, Json<Value>), Problem> {
    let (instance, text) = place(path)?;
    let Some(id) = text.strip_suffix(":undo") else {
        let detail = "a revision can be read (GET), and taken back: POST .../revisions/NUMBER:undo";
        return Err(Problem::new(StatusCode::NOT_FOUND, detail));
    };
    let (id, query) = (number(id)?, asked(query)?);
    let body = body.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    // A body that is not understood may say that nothing is to be done: it is never taken for none.
    let UndoBody { preview, force } = if body.is_empty() {
        UndoBody::default()
    } else {
        Media::of_body(&headers, &["application/json"])?;
        super::body(Json::from_bytes(&body))?
    };
    let how = How { preview: preview || query.preview, force, seen: seen(&headers)? };
    Ok(answer(&app.pbx().undo(&instance, id, &by(&user), how).await?, how))
}

/// Goes back to a moment.
pub(crate) async fn restore(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: super::Named,
    query: Asked,
    headers: HeaderMap,
    body: super::Sent<RestoreBody>,
) -> Result<(HeaderMap, Json<Value>), Problem> {
    let (instance, query) = (super::name(path)?, asked(query)?);
    let RestoreBody { to, preview } = super::body(body)?;
    let wrong = || {
        let detail = format!("to: the number of a revision, or {TIME}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail.clone()).error("pointer", "/to", detail)
    };
    let to = match &to {
        Value::Number(number) => number.as_i64().map(|id| Moment::Revision(RevisionId(id))),
        Value::String(text) => time(text).map(Moment::At),
        _ => None,
    };
    let to = to.ok_or_else(wrong)?;
    let how = How { preview: preview || query.preview, force: false, seen: seen(&headers)? };
    Ok(answer(&app.pbx().restore(&instance, to, &by(&user), how).await?, how))
}

const TIME: &str = "a time such as 2026-11-25T12:00:00Z";

/// Milliseconds since 1970.
fn time(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

fn asked(query: Asked) -> Result<BackQuery, Problem> {
    let Query(query) = query.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    Ok(query)
}

fn place(path: Result<Path<(String, String)>, PathRejection>) -> Result<(String, String), Problem> {
    let Path(place) = path.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    Ok(place)
}

/// What is no number is the number of no revision.
fn number(text: &str) -> Result<RevisionId, Problem> {
    let missing = |_| Error::NotFound { what: "revision", name: text.to_owned() }.into();
    text.parse().map(RevisionId).map_err(missing)
}

/// The revision that was seen, as a preview gave it. One that no preview gave is that of nothing.
fn seen(headers: &HeaderMap) -> Result<Option<RevisionId>, Problem> {
    Ok(match Tags::of(headers, &header::IF_MATCH)? {
        None | Some(Tags::Any) => None,
        Some(Tags::These(tags)) => match tags.as_slice() {
            [(tag, false)] => Some(RevisionId(tag.parse().unwrap_or(-1))),
            [_] => Some(RevisionId(-1)),
            _ => {
                let detail = "If-Match names one revision here: the ETag of the preview";
                return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
            }
        },
    })
}

fn shown(revision: &Revision) -> Map<String, Value> {
    let at = jiff::Timestamp::from_millisecond(revision.at_ms).ok();
    let at = at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    let members = [
        ("id", json!(revision.id)),
        ("at", json!(at)),
        ("actor", json!(revision.actor)),
        ("origin", json!(revision.origin)),
        ("summary", json!(revision.summary)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn shown_steps(steps: &[Step]) -> Value {
    let mut left = MOST_SHOWN;
    let shown = steps.iter().map(|step| {
        let mut side = |placed: &Option<Placed>| placed.as_ref().map(|placed| old(placed, &mut left));
        let (before, after) = (side(&step.before), side(&step.after));
        json!({
            "op": step.op.as_str(),
            "node": step.node,
            "address": step.address,
            "before": before,
            "after": after,
        })
    });
    shown.collect()
}

fn old(placed: &Placed, left: &mut usize) -> Value {
    let mut members = whole(&placed.node, left);
    members.insert("parent".to_owned(), json!(placed.parent));
    members.insert("position".to_owned(), json!(placed.position));
    members.into()
}

fn whole(node: &Node, left: &mut usize) -> Map<String, Value> {
    let attributes: Map<String, Value> =
        node.attributes.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    let members = [
        ("id", json!(node.id)),
        ("tag", json!(node.tag)),
        ("name", json!(node.natural_name())),
        ("enabled", json!(node.enabled)),
        ("attributes", attributes.into()),
        ("text", json!(node.text)),
    ];
    let mut members: Map<String, Value> =
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if node.children.is_empty() {
        return members;
    }
    if node.children.len() > *left {
        members.insert("child_count".to_owned(), node.children.len().into());
        return members;
    }
    *left -= node.children.len();
    let children: Vec<Value> = node.children.iter().map(|child| whole(child, left).into()).collect();
    members.insert("children".to_owned(), children.into());
    members
}

fn answer(way: &WayBack, how: How) -> (HeaderMap, Json<Value>) {
    let mut headers = HeaderMap::new();
    headers.extend(way.revision.map(|revision| (REVISION, HeaderValue::from(revision.0))));
    if how.preview {
        let tag = HeaderValue::from_str(&format!("\"{}\"", way.seen)).ok();
        headers.extend(tag.map(|tag| (header::ETAG, tag)));
    }
    let conflict = |conflict: &Conflict| {
        json!({
            "node": conflict.node,
            "address": conflict.address,
            "why": conflict.why,
            "revision": conflict.revision,
        })
    };
    let body = json!({
        "preview": how.preview,
        "seen": way.seen,
        "revision": way.revision,
        "served": way.served,
        "steps": shown_steps(&way.steps),
        "total_steps": way.total,
        "conflicts": way.conflicts.iter().map(conflict).collect::<Vec<_>>(),
    });
    (headers, Json(body))
}
