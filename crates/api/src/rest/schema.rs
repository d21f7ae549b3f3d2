//! What is known of FreeSWITCH: the declarations joined with the catalogue, for forms and for programs.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use custompbx_model::declare::{Effect, Element, LISTS, Module, Named, Parameter, Place, undeclared};
use custompbx_model::modules;
use serde_json::{Map, Value, json};

use crate::openapi::{Answer, Operation};
use crate::problem::Problem;

const PATH: &str = "/api/v2/schema/";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/schema",
        id: "listSchemas",
        tag: "schema",
        summary: "Everything that something is known of",
        answers: &[Answer { schema: "Schemas", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/schema/{module}",
        id: "getSchema",
        tag: "schema",
        summary: "What is known of a document, a section or a list",
        description: "Elements with their keys, and parameters with type, default, values and meaning. Documents that \
                      are not declared have their parameters only.",
        answers: &[Answer { schema: "Schema", ..Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    let head = json!({
        "name": { "type": "string" },
        "kind": { "type": "string", "enum": ["document", "section", "list"] },
        "module": { "type": "string", "description": "The loadable module that reads it, or core." },
        "declared": { "type": "boolean" },
        "href": { "type": "string" },
        "summary": { "type": "string" },
    });
    let mut whole = head.clone();
    if let Some(members) = whole.as_object_mut() {
        let parameters = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Parameter" } });
        members.insert("parameters".to_owned(), parameters);
        let elements = json!({ "type": "array", "items": { "$ref": "#/components/schemas/SchemaElement" } });
        members.insert("elements".to_owned(), elements);
        members.insert("needs_file".to_owned(), json!({ "type": "boolean" }));
        members.insert("content".to_owned(), json!({ "type": ["array", "object"] }));
        let kinds = json!({ "type": "string", "enum": ["none", "run", "ask", "restart"] });
        let effect = json!({ "kind": kinds, "command": { "type": ["string", "null"] } });
        members.insert("effect".to_owned(), json!({ "type": "object", "properties": effect }));
    }
    let needed = json!(["name", "kind", "module", "declared", "href"]);
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    json!({
        "Schemas": {
            "type": "object",
            "required": ["items"],
            "properties": { "items": { "type": "array", "items": {
                "type": "object", "required": needed, "properties": head,
            } } },
        },
        "Schema": { "type": "object", "required": needed, "properties": whole },
        "Parameter": {
            "type": "object",
            "required": ["scope", "name", "type", "meaning"],
            "properties": {
                "scope": { "type": "string", "description": "Where it stands." },
                "name": { "type": "string" },
                "type": { "type": "string" },
                "values": texts,
                "default": { "type": ["string", "null"] },
                "meaning": { "type": "string" },
                "repeatable": { "type": "boolean" },
                "secret": { "type": "boolean" },
                "effect": { "type": "string", "description": "What makes a change active, in words." },
            },
        },
        "SchemaElement": {
            "type": "object",
            "required": ["tag", "key", "named_by", "collection", "unique", "required", "recursive"],
            "properties": {
                "tag": { "type": "string" },
                "key": { "type": ["string", "null"], "description": "The attribute that must not be empty." },
                "named_by": { "type": "string", "description": "What names it in an address: an attribute, its tag, or its place." },
                "collection": { "type": ["string", "null"], "description": "The part of an address before its name." },
                "unique": { "type": "boolean" },
                "required": texts,
                "attributes": { "type": "array", "items": { "$ref": "#/components/schemas/Parameter" } },
                "parameters": { "type": "array", "items": { "$ref": "#/components/schemas/Parameter" } },
                "recursive": { "type": "boolean", "description": "It is described above." },
                "children": { "type": "array", "items": { "$ref": "#/components/schemas/SchemaElement" } },
            },
        },
    })
}

/// Everything that there is a schema of.
pub(crate) async fn list() -> Json<Value> {
    let declared = modules::ALL.iter().map(|module| {
        let mut item = head(name(module), kind(module), module.module, true);
        item.insert("summary".to_owned(), json!(module.summary));
        item
    });
    let documents =
        undeclared().iter().map(|known| head(known.name, document(known.name), &known.module, false));
    let lists = LISTS.iter().map(|(name, _)| head(name, "list", "core", false));
    let items: Vec<Value> = declared.chain(documents).chain(lists).map(Value::Object).collect();
    Json(json!({ "items": items }))
}

/// The schema of one document, section or list.
pub(crate) async fn one(path: Result<Path<String>, PathRejection>) -> Result<Json<Value>, Problem> {
    let missing = || {
        let detail = format!("there is no such schema; {} has them all", PATH.trim_end_matches('/'));
        Problem::new(StatusCode::NOT_FOUND, detail)
    };
    let Path(asked) = path.map_err(|_| missing())?;
    let schema = declared(&asked).or_else(|| parameters_only(&asked)).or_else(|| known_list(&asked));
    schema.map(Value::Object).map(Json).ok_or_else(missing)
}

fn declared(asked: &str) -> Option<Map<String, Value>> {
    let module = modules::ALL.iter().find(|module| name(module) == asked)?;
    let mut schema = head(asked, kind(module), module.module, true);
    schema.insert("summary".to_owned(), json!(module.summary));
    schema.insert("effect".to_owned(), effect(module.effect));
    schema.insert("needs_file".to_owned(), json!(module.needs_file));
    let mut above = Vec::new();
    schema.insert("elements".to_owned(), elements(module, module.elements, true, &mut above));
    schema.insert("parameters".to_owned(), json!(module.parameters()));
    Some(schema)
}

fn parameters_only(asked: &str) -> Option<Map<String, Value>> {
    let known = undeclared().iter().find(|known| known.name == asked)?;
    let mut schema = head(asked, document(asked), &known.module, false);
    schema.insert("parameters".to_owned(), json!(known.parameters));
    Some(schema)
}

fn known_list(asked: &str) -> Option<Map<String, Value>> {
    let (_, json) = LISTS.iter().find(|(name, _)| *name == asked)?;
    let mut schema = head(asked, "list", "core", false);
    schema.insert("content".to_owned(), serde_json::from_str(json).unwrap_or_default());
    Some(schema)
}

fn head(name: &str, kind: &str, module: &str, declared: bool) -> Map<String, Value> {
    let mut head = Map::new();
    head.insert("name".to_owned(), json!(name));
    head.insert("kind".to_owned(), json!(kind));
    head.insert("module".to_owned(), json!(module));
    head.insert("declared".to_owned(), json!(declared));
    head.insert("href".to_owned(), json!(format!("{PATH}{name}")));
    head
}

fn name(module: &Module) -> &'static str {
    match module.place {
        Place::Document(name) | Place::Section(name) => name,
    }
}

fn kind(module: &Module) -> &'static str {
    match module.place {
        Place::Document(_) => "document",
        Place::Section(_) => "section",
    }
}

fn document(name: &str) -> &'static str {
    if name.ends_with(".conf") { "document" } else { "section" }
}

fn effect(effect: Effect) -> Value {
    let (kind, command) = match effect {
        Effect::None => ("none", None),
        Effect::Run(act) => ("run", Some(act.command)),
        Effect::Ask(act) => ("ask", Some(act.command)),
        Effect::Restart => ("restart", None),
    };
    json!({ "kind": kind, "command": command })
}

/// Elements with what they may hold. One that can hold itself is only named the second time.
fn elements(
    module: &Module,
    elements: &[&'static Element],
    is_beside: bool,
    above: &mut Vec<*const Element>,
) -> Value {
    let one = |element: &&'static Element| {
        let mut it = Map::new();
        let mut add = |name: &str, value: Value| it.insert(name.to_owned(), value);
        add("tag", json!(element.tag));
        add("key", json!(element.key));
        let named = match (element.named, element.key) {
            (Named::Place, _) => "place",
            (Named::Key, None) => "tag",
            (Named::Key, Some(key)) | (Named::By(key), _) => key,
        };
        add("named_by", json!(named));
        add("collection", json!(element.plural.filter(|_| is_beside && element.is_item())));
        add("unique", json!(element.unique));
        add("required", json!(element.required));
        add("attributes", json!(described(module, element.attributes)));
        add("parameters", json!(described(module, element.parameters)));
        let address: *const Element = *element;
        let is_again = above.contains(&address);
        add("recursive", json!(is_again));
        if !is_again {
            above.push(address);
            add("children", self::elements(module, element.children, element.is_item(), above));
            above.pop();
        }
        Value::Object(it)
    };
    elements.iter().map(one).collect()
}

fn described<'m>(module: &'m Module, scope: Option<&str>) -> Vec<&'m Parameter> {
    module.parameters().iter().filter(|known| scope == Some(known.scope.as_str())).collect()
}
