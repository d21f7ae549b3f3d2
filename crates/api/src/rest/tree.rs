//! The tree, to be read.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use custompbx_model::{Node, NodeId};
use custompbx_pbx::browse::LARGEST_SUBTREE;
use custompbx_store::{NodeRow, UserCursor};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{self, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/instances/{instance}/tree",
        id: "getTree",
        tag: "instances",
        summary: "The last revision, and the sections of a tree",
        answers: &[openapi::Answer { schema: "Tree", ..openapi::Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/instances/{instance}/users",
        id: "listUsers",
        tag: "instances",
        summary: "The users of all domains, page by page",
        parameters: &["q", "limit", "cursor"],
        answers: &[openapi::Answer { schema: "UserPage", ..openapi::Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/instances/{instance}/nodes/{node}",
        id: "getNode",
        tag: "instances",
        summary: "A node, and the way to it",
        answers: &[openapi::Answer { schema: "NodeWithPath", ..openapi::Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/instances/{instance}/nodes/{node}/children",
        id: "listNodeChildren",
        tag: "instances",
        summary: "The children of a node, page by page",
        parameters: &["q", "limit", "cursor"],
        answers: &[openapi::Answer { schema: "NodePage", ..openapi::Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/instances/{instance}/nodes/{node}/subtree",
        id: "getNodeSubtree",
        tag: "instances",
        summary: "A node with everything below it",
        answers: &[openapi::Answer { schema: "NodeWhole", ..openapi::Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    let node = |children: Value| {
        json!({
            "type": "object",
            "required": ["id", "tag", "name", "attributes", "text", "enabled", "position", "children"],
            "properties": {
                "id": { "type": "integer" },
                "tag": { "type": "string" },
                "name": { "type": ["string", "null"] },
                "attributes": {
                    "type": "array",
                    "items": { "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 },
                },
                "text": { "type": ["string", "null"] },
                "enabled": { "type": "boolean" },
                "position": { "type": "integer" },
                "children": children,
            },
        })
    };
    let page = |item: &str| {
        json!({
            "type": "object",
            "required": ["items", "total", "next"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": format!("#/components/schemas/{item}") } },
                "total": { "type": "integer" },
                "next": { "type": ["string", "null"], "description": "The cursor of the next page." },
            },
        })
    };
    let names = json!({ "type": ["string", "null"] });
    json!({
        "Tree": {
            "type": "object",
            "required": ["revision", "sections"],
            "properties": {
                "revision": { "type": "integer" },
                "sections": { "type": "array", "items": {
                    "type": "object",
                    "required": ["id", "tag", "name", "enabled", "children"],
                    "properties": {
                        "id": { "type": "integer" },
                        "tag": { "type": "string" },
                        "name": names,
                        "description": names,
                        "enabled": { "type": "boolean" },
                        "children": { "type": "integer" },
                    },
                } },
            },
        },
        "Node": node(json!({ "type": "integer" })),
        "WholeNode": node(json!({ "type": "array", "items": { "$ref": "#/components/schemas/WholeNode" } })),
        "NodeWhole": {
            "type": "object",
            "required": ["node"],
            "properties": { "node": { "$ref": "#/components/schemas/WholeNode" } },
        },
        "NodeWithPath": {
            "type": "object",
            "required": ["node", "path"],
            "properties": {
                "node": { "$ref": "#/components/schemas/Node" },
                "path": { "type": "array", "items": {
                    "type": "object",
                    "required": ["id", "tag", "name"],
                    "properties": { "id": { "type": "integer" }, "tag": { "type": "string" }, "name": names },
                } },
            },
        },
        "NodePage": page("Node"),
        "UserPage": page("UserLine"),
        "UserLine": {
            "type": "object",
            "required": ["id", "user", "domain", "domain_id", "enabled"],
            "properties": {
                "id": { "type": "integer" },
                "user": { "type": "string" },
                "domain": { "type": "string" },
                "domain_id": { "type": "integer" },
                "group": names,
                "number_alias": names,
                "cidr": names,
                "enabled": { "type": "boolean" },
            },
        },
    })
}

type Answer = Result<Json<Value>, Problem>;
type Page = Result<Query<PageQuery>, QueryRejection>;

/// Which page of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
}

const PAGE: u32 = 200;

pub(crate) async fn top(State(app): State<App>, Path(instance): Path<String>) -> Answer {
    let (revision, rows) = app.pbx().top(&instance).await?;
    let sections: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "id": row.node.id,
                "tag": row.node.tag,
                "name": row.node.attribute("name"),
                "description": row.node.attribute("description"),
                "enabled": row.node.enabled,
                "children": row.child_count,
            })
        })
        .collect();
    Ok(Json(json!({ "revision": revision.0, "sections": sections })))
}

pub(crate) async fn node(State(app): State<App>, path: Result<Path<(String, i64)>, PathRejection>) -> Answer {
    let (instance, id) = place(path)?;
    let (row, way) = app.pbx().node(&instance, id).await?;
    let way: Vec<Value> = way
        .iter()
        .map(|step| {
            let head = Node { attributes: step.attributes.clone(), ..Node::new(step.tag.clone()) };
            json!({ "id": step.id, "tag": step.tag, "name": head.natural_name() })
        })
        .collect();
    Ok(Json(json!({ "node": shown(&row), "path": way })))
}

pub(crate) async fn children(
    State(app): State<App>,
    path: Result<Path<(String, i64)>, PathRejection>,
    page: Page,
) -> Answer {
    let (instance, id) = place(path)?;
    let page = asked(page)?;
    let after = page.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| bad_cursor())).transpose()?;
    let found =
        app.pbx().children(&instance, id, page.q.as_deref(), after, page.limit.unwrap_or(PAGE)).await?;
    let items: Vec<Value> = found.items.iter().map(shown).collect();
    let next = found.next.map(|next| next.to_string());
    Ok(Json(json!({ "items": items, "total": found.total, "next": next })))
}

pub(crate) async fn subtree(
    State(app): State<App>,
    path: Result<Path<(String, i64)>, PathRejection>,
) -> Answer {
    let (instance, id) = place(path)?;
    match app.pbx().subtree(&instance, id).await? {
        Some((row, node)) => Ok(Json(json!({ "node": whole(&node, row.position) }))),
        None => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("there are more than {LARGEST_SUBTREE} nodes below {id}; read its children page by page"),
        )),
    }
}

pub(crate) async fn users(State(app): State<App>, Path(instance): Path<String>, page: Page) -> Answer {
    let page = asked(page)?;
    let after = page.cursor.as_deref().map(user_cursor).transpose()?;
    let limit = page.limit.unwrap_or(PAGE);
    let found = app.pbx().users(&instance, page.q.as_deref(), after.as_ref(), limit).await?;
    let items: Vec<Value> = found
        .items
        .iter()
        .map(|user| {
            json!({
                "id": user.id,
                "user": user.user,
                "domain": user.domain,
                "domain_id": user.domain_id,
                "group": user.group,
                "number_alias": user.number_alias,
                "cidr": user.cidr,
                "enabled": user.enabled,
            })
        })
        .collect();
    let next = found.next.map(|next| {
        let text = json!([next.user, next.id]).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    });
    Ok(Json(json!({ "items": items, "total": found.total, "next": next })))
}

fn shown(row: &NodeRow) -> Value {
    head(&row.node, row.position, &json!(row.child_count))
}

fn whole(node: &Node, position: i64) -> Value {
    let children: Vec<Value> =
        (1..).zip(&node.children).map(|(position, child)| whole(child, position)).collect();
    head(node, position, &json!(children))
}

fn head(node: &Node, position: i64, children: &Value) -> Value {
    json!({
        "id": node.id,
        "tag": node.tag,
        "name": node.natural_name(),
        "attributes": node.attributes,
        "text": node.text,
        "enabled": node.enabled,
        "position": position,
        "children": children,
    })
}

fn place(path: Result<Path<(String, i64)>, PathRejection>) -> Result<(String, NodeId), Problem> {
    let Path((instance, id)) =
        path.map_err(|_| Problem::new(StatusCode::NOT_FOUND, "a node's id is a whole number"))?;
    Ok((instance, NodeId(id)))
}

fn asked(page: Page) -> Result<PageQuery, Problem> {
    let Query(page) = page.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    Ok(page)
}

fn user_cursor(cursor: &str) -> Result<UserCursor, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())?;
    let (user, id) = serde_json::from_slice(&bytes).map_err(|_| bad_cursor())?;
    Ok(UserCursor { user, id })
}

fn bad_cursor() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "the cursor is none that was given out; begin with the first page")
}
