//! What is given: elements and lists as JSON, elements as XML, and why not.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use custompbx_model::xml::escape::is_name;
use custompbx_model::xml::{Style, print};
use custompbx_model::{Attribute, Node};
use custompbx_pbx::element::{Listing, Refused, Shown, Version, View, Written};
use serde_json::{Map, Value, json};

use super::media::Media;
use super::request::{Asked, Parameters, faults, wrong_parameter};
use crate::etag::{Tags, hash};
use crate::problem::Problem;

/// The revision that a change made.
pub(crate) const REVISION: HeaderName = HeaderName::from_static("custompbx-revision");
/// What FreeSWITCH may not take as meant, where the answer is no JSON.
const WARNING: HeaderName = HeaderName::from_static("custompbx-warning");

/// An element.
pub(crate) fn view(view: &View, base: &str) -> Value {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("tag", json!(view.tag));
    add("key", json!(view.key));
    add("id", json!(view.id));
    add("href", json!(format!("{base}{}", view.address)));
    add("enabled", json!(view.enabled));
    add("position", json!(view.position));
    add("attributes", attributes(&view.attributes));
    add("text", json!(view.text));
    add("child_count", json!(view.child_count));
    // Below what is asked for there are no children at all, and not none.
    if let Some(children) = &view.children {
        add("children", children.iter().map(|child| self::view(child, base)).collect());
    }
    Value::Object(members)
}

fn attributes(attributes: &[Attribute]) -> Value {
    let pairs = attributes.iter().map(|(name, value)| (name.to_string(), json!(value)));
    Value::Object(pairs.collect())
}

/// A page of a list.
pub(crate) fn page(listing: &Listing, asked: &Asked) -> Value {
    let base = asked.base();
    let items: Vec<Value> = listing.items.iter().map(|item| view(item, &base)).collect();
    json!({
        "href": format!("{base}{}", listing.address),
        "items": items,
        "total": listing.total,
        "next": listing.next,
    })
}

pub(crate) fn json(body: &Value) -> Response {
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// A node as FreeSWITCH's XML. A disabled one is written as if it were enabled, because nothing else was asked for;
/// disabled ones below it are left out.
pub(crate) fn xml(node: &Node) -> Result<Response, Problem> {
    if !is_name(&node.tag) {
        let detail =
            format!("{:?} is no element that can be written as XML; ask for application/json", node.tag);
        return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
    }
    let text = if node.enabled {
        print(node, Style::Indented)
    } else {
        print(&Node { enabled: true, ..node.clone() }, Style::Indented)
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// The validator of an element as it is shown: its version, which counts for changes, and how it is written.
pub(crate) fn element_tag(shown: &Shown, asked: &Asked, parameters: &Parameters, media: Media) -> String {
    let place = format!("{:?}", (&shown.view.address, shown.view.position, &asked.instance, media));
    let variant = hash(&[place.as_bytes(), parameters.variant().as_bytes()]);
    format!("{}+{variant:x}", shown.version.0)
}

pub(crate) fn list_tag(listing: &Listing, asked: &Asked, parameters: &Parameters) -> String {
    let place = format!("{:?}", (&listing.address, &asked.instance));
    let variant = hash(&[place.as_bytes(), parameters.variant().as_bytes()]);
    format!("{}+{variant:x}", listing.version.0)
}

pub(crate) fn set_tag(response: &mut Response, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
}

pub(crate) fn not_modified(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    set_tag(&mut response, tag);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// `If-Match` of somebody who only reads.
pub(crate) fn check(headers: &HeaderMap, version: Option<&Version>, asked: &Asked) -> Result<(), Problem> {
    if Tags::of(headers, &header::IF_MATCH)?.is_none() {
        return Ok(());
    }
    let mut condition = super::request::condition(headers)?;
    condition.is_not = None;
    if condition.is_met(version) {
        return Ok(());
    }
    let expected = "the element is in another state than If-Match says".to_owned();
    Err(refused(Refused::Changed { current: None, expected }, asked))
}

/// A change that was made.
pub(crate) fn written(
    written: Written,
    notes: Vec<String>,
    asked: &Asked,
    media: Media,
) -> Result<Response, Problem> {
    let Written { is_new, shown, edited } = written;
    let Some(shown) = shown else {
        let detail = "the change was made, and then somebody else took the element away";
        return Err(Problem::new(StatusCode::CONFLICT, detail).code("overtaken"));
    };
    let base = asked.base();
    let href = format!("{base}{}", shown.view.address);
    let findings = edited.warnings.iter().map(|finding| (finding.path.clone(), finding.message.clone()));
    let warnings: Vec<(String, String)> =
        findings.chain(notes.into_iter().map(|note| (String::new(), note))).collect();
    let mut response = match media {
        Media::Json => {
            let mut body = view(&shown.view, &base);
            if let Some(members) = body.as_object_mut() {
                let warnings: Vec<Value> = warnings
                    .iter()
                    .map(|(path, message)| json!({ "path": path, "message": message }))
                    .collect();
                members.insert("revision".to_owned(), json!(edited.revision.map(|revision| revision.0)));
                members.insert("served".to_owned(), json!(edited.served));
                members.insert("warnings".to_owned(), warnings.into());
            }
            json(&body)
        }
        Media::Xml => {
            let Some(whole) = &shown.whole else {
                let detail = "the change was made; the element is too large to be shown as XML";
                return Err(Problem::new(StatusCode::NOT_ACCEPTABLE, detail));
            };
            let mut response = xml(whole)?;
            for (path, message) in warnings.iter().take(20) {
                let text = format!("{path}: {message}").escape_default().to_string();
                response.headers_mut().extend(HeaderValue::from_str(&text).ok().map(|text| (WARNING, text)));
            }
            response
        }
    };
    if is_new {
        *response.status_mut() = StatusCode::CREATED;
    }
    set_tag(&mut response, &shown.version.0);
    let headers = response.headers_mut();
    let location = if is_new { header::LOCATION } else { header::CONTENT_LOCATION };
    headers.extend(HeaderValue::from_str(&href).ok().map(|href| (location, href)));
    headers.extend(edited.revision.map(|revision| (REVISION, HeaderValue::from(revision.0))));
    Ok(response)
}

/// Why something was not done.
pub(crate) fn refused(why: Refused, asked: &Asked) -> Problem {
    let problem = |status: StatusCode, detail: String| Problem::new(status, detail);
    match why {
        Refused::Missing(what) => problem(StatusCode::NOT_FOUND, what),
        Refused::IsCollection(what) => {
            let detail = format!(
                "{what} can only be read (GET) and added to (POST); its items have addresses of their own"
            );
            problem(StatusCode::METHOD_NOT_ALLOWED, detail).header(header::ALLOW, "GET, HEAD, POST")
        }
        Refused::Taken(name) => {
            problem(StatusCode::CONFLICT, format!("there is {name} already")).code("taken")
        }
        Refused::Changed { current, expected } => {
            let mut problem = problem(StatusCode::PRECONDITION_FAILED, expected);
            if let Some(shown) = current {
                problem = problem.header(header::ETAG, &format!("\"{}\"", shown.version.0));
                problem = problem.with("etag", format!("\"{}\"", shown.version.0));
                problem = problem.with("current", view(&shown.view, &asked.base()));
            }
            problem
        }
        Refused::Faults(all) => faults(all),
        Refused::TooLarge(detail) => problem(StatusCode::UNPROCESSABLE_ENTITY, detail).code("too-many-nodes"),
        Refused::Query { name, message } => wrong_parameter(name, &message),
    }
}
