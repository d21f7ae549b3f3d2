//! Looking for anything by its name, its number or a value.

use axum::Extension;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{Method, StatusCode};
use custompbx_model::address::is_taken;
use custompbx_pbx::account::{Scope, Session, Verb};
use custompbx_pbx::search::{Hit, MOST_HITS, Question};
use serde::Deserialize;
use serde_json::{Value, json};

use super::segment;
use crate::App;
use crate::access::scope;
use crate::openapi::{Answer, Operation};
use crate::problem::Problem;

/// How many hits there are when nobody says.
const USUAL: usize = 20;
/// The longest text that is looked for, in bytes.
const LONGEST: usize = 1_000;

pub(crate) const OPERATIONS: &[Operation] = &[Operation {
    path: "/api/v2/instances/{instance}/search",
    id: "search",
    tag: "tree",
    summary: "Look for anything by its name, its number or a value",
    description: "`q` has words, of which each stands somewhere in a name or a value of what is found, in whatever case; \
                  users are found by everything in them. Names that are `q` come first, then names that begin with it, \
                  then values that are `q`. Values of secrets are neither looked at nor shown. A token finds what is in \
                  sections that it may read. Disabled users are not found.",
    parameters: &["words", "kind", "hits"],
    answers: &[Answer { schema: "Hits", ..Answer::OK }],
    ..Operation::GET
}];

pub(crate) fn schemas() -> Value {
    let whole = json!({ "type": "integer", "minimum": 0 });
    json!({
        "Hits": {
            "type": "object",
            "required": ["items", "total"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/Hit" } },
                "total": { "type": "integer", "description": "How many there are." },
            },
        },
        "Hit": {
            "type": "object",
            "required": ["id", "kind", "name", "enabled", "href", "address", "found"],
            "properties": {
                "id": { "type": "integer" },
                "kind": { "type": "string", "description": "Its tag, such as `user`." },
                "name": { "type": ["string", "null"] },
                "enabled": { "type": "boolean" },
                "href": { "type": "string" },
                "address": { "type": "string" },
                "found": {
                    "type": ["object", "null"],
                    "description": "Where the first word stands.",
                    "required": ["in", "value", "start", "length"],
                    "properties": {
                        "in": { "type": "string", "description": "An attribute, or what names a part, such as `variables/user_context`." },
                        "value": { "type": "string", "description": "What is there, or up to 200 characters of it." },
                        "start": whole,
                        "length": whole,
                    },
                },
            },
        },
    })
}

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    #[serde(default)]
    q: String,
    kind: Option<String>,
    limit: Option<usize>,
}

pub(crate) async fn search(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    path: super::Named,
    query: Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let instance = super::name(path)?;
    let query = super::query(query)?;
    let wrong = |name: &str, message: String| {
        let detail = format!("the parameter {name} {message}");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).error("parameter", name, message)
    };
    if query.q.trim().is_empty() {
        return Err(wrong("q", "is empty; write a part of a name, a number or a value".to_owned()));
    }
    if query.q.len() > LONGEST {
        return Err(wrong("q", format!("has {} bytes; {LONGEST} are the most", query.q.len())));
    }
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST_HITS).contains(&limit) {
        return Err(wrong("limit", format!("is no whole number from 1 to {MOST_HITS}")));
    }
    let base = format!("/api/v2/instances/{}", segment(&instance));
    let may = |section: Option<&str>| {
        session.allows(match section {
            // Such a name has an address that is in no section.
            Some(name) if is_taken(name) => Scope::All(Verb::Read),
            Some(name) => scope(&Method::GET, &format!("{base}/{}", segment(name))),
            None => Scope::All(Verb::Read),
        })
    };
    let question = Question { text: query.q, kind: query.kind, limit };
    let hits = app.pbx().search(&instance, &question, may).await?;
    let items: Vec<Value> = hits.items.iter().map(|hit| shown(hit, &base)).collect();
    Ok(Json(json!({ "items": items, "total": hits.total })))
}

fn shown(hit: &Hit, base: &str) -> Value {
    let found = hit.found.as_ref().map(|place| {
        json!({ "in": place.within, "value": place.value, "start": place.start, "length": place.length })
    });
    json!({
        "id": hit.node.id,
        "kind": hit.node.tag,
        "name": hit.node.natural_name(),
        "enabled": hit.node.enabled,
        "href": format!("{base}/{}", hit.address),
        "address": hit.address.to_string(),
        "found": found,
    })
}
