//! Revisions: what was changed, and the ways back.

use axum::Extension;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use custompbx_model::edit::Step as PathStep;
use custompbx_model::Node;
use custompbx_pbx::history::{How, Moment, Told, WayBack};
use custompbx_pbx::{By, Error};
use custompbx_store::{Change, Revision, RevisionId, Siblings, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::problem::Problem;

type Answer = Result<Json<Value>, Problem>;

const PAGE: u32 = 50;

/// Which page of the revisions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

/// How to go back.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BackBody {
    preview: bool,
    force: bool,
    /// For going back to a moment: a revision's number, or a time (RFC 3339).
    to: Option<Value>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Path(instance): Path<String>,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Answer {
    let Query(page) = page.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let before = page.cursor.as_deref().map(|cursor| cursor.parse().map(RevisionId));
    let bad = |_| {
        Problem::new(StatusCode::BAD_REQUEST, "the cursor is none that was given out; begin with the first page")
    };
    let before = before.transpose().map_err(bad)?;
    let found = app.pbx().revisions(&instance, before, page.limit.unwrap_or(PAGE)).await?;
    let items: Vec<Value> = found.items.iter().map(shown).collect();
    let next = found.next.map(|next| next.to_string());
    Ok(Json(json!({ "items": items, "total": found.total, "next": next })))
}

pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Answer {
    let (instance, id) = place(path)?;
    let Told { revision, steps, total, paths } = app.pbx().revision(&instance, id).await?;
    let steps: Vec<Value> = steps
        .iter()
        .map(|step| {
            let parent = step.after.as_ref().or(step.before.as_ref()).and_then(|siblings| siblings.parent);
            let way = parent.and_then(|parent| paths.get(&parent));
            json!({
                "op": op(step),
                "node": step.node,
                "path": way.map(|way| labels(way)),
                "before": step.before.as_ref().map(siblings),
                "after": step.after.as_ref().map(siblings),
            })
        })
        .collect();
    let mut body = shown(&revision);
    body["steps"] = steps.into();
    body["total_steps"] = total.into();
    Ok(Json(body))
}

/// Takes a revision back.
pub(crate) async fn act(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Result<Json<BackBody>, JsonRejection>,
) -> Answer {
    let Path((instance, verb)) = path.map_err(|_| unknown())?;
    let Json(body) = body.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let how = How { preview: body.preview, force: body.force };
    let by = By { actor: user.login.clone(), origin: "rest".to_owned() };
    let Some((id, "undo")) = verb.rsplit_once(':') else { return Err(unknown()) };
    let id = id.parse().map(RevisionId).map_err(|_| unknown())?;
    if body.to.is_some() {
        let detail = "to is for going back to a moment: POST …/restore";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    Ok(Json(way_back(&app.pbx().undo(&instance, id, &by, how).await?)))
}

/// Goes back to a moment.
pub(crate) async fn restore(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    Path(instance): Path<String>,
    body: Result<Json<BackBody>, JsonRejection>,
) -> Answer {
    let Json(body) = body.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
    let how = How { preview: body.preview, force: body.force };
    let by = By { actor: user.login.clone(), origin: "rest".to_owned() };
    let wrong = || {
        let detail = "to is the number of a revision, or a time such as 2026-11-25T12:00:00Z";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).error("pointer", "/to", detail)
    };
    let to = match &body.to {
        Some(Value::Number(number)) => number.as_i64().map(|id| Moment::Revision(RevisionId(id))),
        Some(Value::String(time)) => {
            time.parse::<jiff::Timestamp>().ok().map(|at| Moment::At(at.as_millisecond()))
        }
        _ => None,
    };
    let to = to.ok_or_else(wrong)?;
    Ok(Json(way_back(&app.pbx().restore(&instance, to, &by, how).await?)))
}

fn place(path: Result<Path<(String, String)>, PathRejection>) -> Result<(String, RevisionId), Problem> {
    let Path((instance, id)) = path.map_err(|_| unknown())?;
    let id = id.parse().map(RevisionId);
    let id = id.map_err(|_| Problem::from(Error::NotFound { what: "revision", name: id_text(&instance) }))?;
    Ok((instance, id))
}

fn id_text(instance: &str) -> String {
    format!("of that number in {instance}; it is a whole number")
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "what can be done with a revision is :undo")
}

fn shown(revision: &Revision) -> Value {
    let at = jiff::Timestamp::from_millisecond(revision.at_ms).ok();
    json!({
        "id": revision.id,
        "at": at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()),
        "actor": revision.actor,
        "origin": revision.origin,
        "summary": revision.summary,
    })
}

fn op(step: &Change) -> &'static str {
    step.op.as_str()
}

fn labels(way: &[PathStep]) -> Vec<Value> {
    way.iter()
        .map(|step| {
            let head = Node { attributes: step.attributes.clone(), ..Node::new(step.tag.clone()) };
            json!({ "id": step.id, "tag": step.tag, "name": head.natural_name() })
        })
        .collect()
}

fn siblings(siblings: &Siblings) -> Value {
    json!({
        "parent": siblings.parent,
        "position": siblings.position,
        "nodes": siblings.nodes.iter().map(whole).collect::<Vec<_>>(),
    })
}

fn whole(node: &Node) -> Value {
    let mut shown = head(node);
    shown["children"] = node.children.iter().map(whole).collect();
    shown
}

fn head(node: &Node) -> Value {
    let attributes: serde_json::Map<String, Value> =
        node.attributes.iter().map(|(name, value)| (name.to_string(), (&**value).into())).collect();
    json!({
        "id": node.id,
        "tag": node.tag,
        "name": node.natural_name(),
        "attributes": attributes,
        "text": node.text,
        "enabled": node.enabled,
    })
}

fn way_back(way: &WayBack) -> Value {
    let steps: Vec<Value> = way
        .steps
        .iter()
        .map(|step| {
            json!({
                "node": step.id,
                "parent": step.parent,
                "before": step.before.as_ref().map(head),
                "after": step.after.as_ref().map(head),
                "moves": step.moves,
            })
        })
        .collect();
    let conflicts: Vec<Value> =
        way.conflicts.iter().map(|conflict| json!({ "node": conflict.node, "why": conflict.why })).collect();
    json!({
        "revision": way.revision,
        "served": way.served,
        "steps": steps,
        "total_steps": way.total,
        "conflicts": conflicts,
    })
}
