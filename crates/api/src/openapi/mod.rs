//! The description of `/api/v2` as OpenAPI 3.1, made from data that stands beside the handlers.
//!
//! To describe a route: an [`Operation`] in the file of its handler, in a constant that [`AREAS`] names; objects that
//! it takes or gives are schemas of the same file, named in [`SCHEMAS`]. A test compares the operations with the
//! table of routes, so none can be forgotten. The paths of the tree are made from the declarations ([`tree`]).

mod page;
mod parts;
mod tree;

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use crate::access::Access;
use crate::rest::{
    audit, bulk, dashboard, dialplan_check, dialplan_settings, dialplan_simulate, element, history,
    instances, schema, search, session, settings, status, switches, templates, tokens, tree as nodes,
    web_settings, web_users,
};
use crate::routes;

pub(crate) use page::{docs, style};
pub(crate) use parts::list_of;

/// What can be done at a route.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The method.
    pub(crate) method: &'static str,
    /// The path as it stands in the table of routes.
    pub(crate) path: &'static str,
    /// The name of the function that a client gets for it.
    pub(crate) id: &'static str,
    /// The chapter.
    pub(crate) tag: &'static str,
    /// One line.
    pub(crate) summary: &'static str,
    /// More, as Markdown; may be empty.
    pub(crate) description: &'static str,
    /// Names of parameters of the query and of headers, from [`parts::PARAMETERS`].
    pub(crate) parameters: &'static [&'static str],
    /// What it takes.
    pub(crate) body: Option<Body>,
    /// What it gives, when it does what was asked for.
    pub(crate) answers: &'static [Answer],
}

impl Operation {
    /// For `..Operation::new(...)`: nothing is taken or given.
    pub(crate) const fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        tag: &'static str,
        summary: &'static str,
    ) -> Self {
        Self { method, path, id, tag, summary, ..Self::GET }
    }

    /// For `..Operation::GET`.
    pub(crate) const GET: Self = Self {
        method: "GET",
        path: "",
        id: "",
        tag: "",
        summary: "",
        description: "",
        parameters: &[],
        body: None,
        answers: &[],
    };
}

/// A body that is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    /// The name of its schema.
    pub(crate) schema: &'static str,
    /// How it is written.
    pub(crate) media: &'static [&'static str],
    /// One, as JSON.
    pub(crate) example: &'static str,
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// When it is given.
    pub(crate) description: &'static str,
    /// The name of its schema; empty where it has no body.
    pub(crate) schema: &'static str,
    /// How it is written.
    pub(crate) media: &'static [&'static str],
    /// Names of headers, from [`parts::HEADERS`].
    pub(crate) headers: &'static [&'static str],
}

impl Answer {
    /// JSON, for `..Answer::OK`.
    pub(crate) const OK: Self =
        Self { status: 200, description: "Here it is.", schema: "", media: &[JSON], headers: &[] };
}

/// The media type of nearly everything.
pub(crate) const JSON: &str = "application/json";

/// The operations of each file of handlers.
static AREAS: &[&[Operation]] = &[
    session::OPERATIONS,
    status::OPERATIONS,
    dashboard::OPERATIONS,
    tokens::OPERATIONS,
    web_users::OPERATIONS,
    audit::OPERATIONS,
    settings::OPERATIONS,
    web_settings::OPERATIONS,
    dialplan_check::OPERATIONS,
    dialplan_settings::OPERATIONS,
    dialplan_simulate::OPERATIONS,
    templates::OPERATIONS,
    instances::OPERATIONS,
    history::OPERATIONS,
    nodes::OPERATIONS,
    element::OPERATIONS,
    search::OPERATIONS,
    switches::OPERATIONS,
    bulk::OPERATIONS,
    schema::OPERATIONS,
    page::OPERATIONS,
];

/// The schemas of each file of handlers.
static SCHEMAS: &[fn() -> Value] = &[
    parts::schemas,
    session::schemas,
    status::schemas,
    dashboard::schemas,
    tokens::schemas,
    web_users::schemas,
    audit::schemas,
    settings::schemas,
    web_settings::schemas,
    dialplan_check::schemas,
    dialplan_settings::schemas,
    dialplan_simulate::schemas,
    templates::schemas,
    instances::schemas,
    history::schemas,
    nodes::schemas,
    element::schemas,
    search::schemas,
    switches::schemas,
    bulk::schemas,
    schema::schemas,
];

/// All operations that are routes of their own.
pub(crate) fn operations() -> impl Iterator<Item = &'static Operation> {
    AREAS.iter().copied().flatten()
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default();
    text.push('\n');
    text
});

/// The document.
pub(crate) fn value() -> &'static Value {
    &DOCUMENT
}

/// The document as text, as it is served and printed.
pub fn text() -> &'static str {
    &TEXT
}

/// `GET /api/v2/openapi.json`
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    unchanging(&headers, "application/json", text())
}

/// An answer that is the same for everybody until there is another program.
fn unchanging(headers: &HeaderMap, kind: &'static str, text: &'static str) -> Response {
    let tag = format!("\"{:016x}\"", crate::etag::hash(&[text.as_bytes()]));
    let known = headers.get(header::IF_NONE_MATCH);
    let mut response = if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], text).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.extend(HeaderValue::from_str(&tag).ok().map(|tag| (header::ETAG, tag)));
    response
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        add(&mut paths, &shown_path(operation.path), operation.method, described(operation));
    }
    tree::add_paths(&mut paths);
    let mut schemas = Map::new();
    for part in SCHEMAS {
        if let Value::Object(part) = part() {
            schemas.extend(part);
        }
    }
    schemas.extend(tree::schemas());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CustomPBX",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "FreeSWITCH's directory, dialplan and configuration, by REST.",
            "description": parts::DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "This server" }],
        "security": [{ "bearer": [] }, { "cookie": [] }],
        "tags": parts::tags(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "The token of a session." },
                "cookie": { "type": "apiKey", "in": "cookie", "name": crate::access::COOKIE },
            },
            "parameters": parts::parameters(),
            "headers": parts::headers(),
            "responses": parts::responses(),
            "schemas": schemas,
        },
    })
}

/// OpenAPI knows no parameter that has slashes in it.
fn shown_path(path: &str) -> String {
    path.replace("{*", "{")
}

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| {
        let names = path.split('{').skip(1).filter_map(|part| part.split('}').next());
        json!({ "parameters": names.map(|name| parts::path_parameter(path, name)).collect::<Vec<_>>() })
    });
    if let Some(item) = item.as_object_mut() {
        item.insert(method.to_ascii_lowercase(), operation);
    }
}

fn described(operation: &Operation) -> Value {
    let access = routes::all()
        .into_iter()
        .find(|route| route.method == operation.method && route.path == operation.path)
        .map(|route| route.access);
    let mut shown = Map::new();
    shown.insert("operationId".to_owned(), json!(operation.id));
    shown.insert("tags".to_owned(), json!([operation.tag]));
    shown.insert("summary".to_owned(), json!(operation.summary));
    if !operation.description.is_empty() {
        shown.insert("description".to_owned(), json!(operation.description));
    }
    if !operation.parameters.is_empty() {
        let refs = operation.parameters.iter().map(|name| reference("parameters", name));
        shown.insert("parameters".to_owned(), refs.collect());
    }
    if let Some(body) = operation.body {
        let example: Value = serde_json::from_str(body.example).unwrap_or_default();
        let content = |media: &&str| (media.to_string(), content(media, body.schema, Some(&example)));
        let content: Map<String, Value> = body.media.iter().map(content).collect();
        shown.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    let mut answers = Map::new();
    for answer in operation.answers {
        let media: &[&str] = if answer.schema.is_empty() { &[] } else { answer.media };
        let content = media.iter().map(|media| ((*media).to_owned(), content(media, answer.schema, None)));
        let mut shown = Map::new();
        shown.insert("description".to_owned(), json!(answer.description));
        let content: Map<String, Value> = content.collect();
        if !content.is_empty() {
            shown.insert("content".to_owned(), content.into());
        }
        let headers = answer.headers.iter().map(|name| ((*name).to_owned(), reference("headers", name)));
        let headers: Map<String, Value> = headers.collect();
        if !headers.is_empty() {
            shown.insert("headers".to_owned(), headers.into());
        }
        answers.insert(answer.status.to_string(), shown.into());
    }
    if access == Some(Access::Anyone) {
        shown.insert("security".to_owned(), json!([]));
    } else {
        answers.insert("401".to_owned(), reference("responses", "NotSignedIn"));
        answers.insert("403".to_owned(), reference("responses", "Forbidden"));
        if let Some(Access::Role(role)) = access {
            shown.insert("x-role".to_owned(), json!(role.as_str()));
        }
    }
    answers.insert("default".to_owned(), reference("responses", "Problem"));
    shown.insert("responses".to_owned(), answers.into());
    Value::Object(shown)
}

fn content(media: &str, schema: &str, example: Option<&Value>) -> Value {
    if media.ends_with("xml") {
        return json!({ "schema": { "type": "string", "description": "An element as FreeSWITCH's XML." } });
    }
    if !media.ends_with("json") || media.ends_with("ndjson") {
        return json!({ "schema": { "type": "string" } });
    }
    let mut shown = json!({ "schema": reference("schemas", schema) });
    if let (Some(example), Some(members)) =
        (example.filter(|example| !example.is_null()), shown.as_object_mut())
    {
        members.insert("example".to_owned(), example.clone());
    }
    shown
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
