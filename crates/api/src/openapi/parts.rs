//! What many operations have in common.

use serde_json::{Map, Value, json};

use super::reference;
use crate::problem::CODES;

/// The first page.
pub(super) const DESCRIPTION: &str = "\
FreeSWITCH's configuration is one tree. Its elements have addresses by their natural keys, such as
`directory/domains/example.com/users/1000/params/password` or `dialplan/contexts/public/extensions/unloop`; every
change is a revision and is served to FreeSWITCH at once.

Sign in with `POST /api/v2/session`, and send what its cookie holds as `Authorization: Bearer`. Errors are problem
details (RFC 9457) with a stable `code`; `errors` names each thing that is wrong with its place. Every element has an
`ETag`: send it as `If-Match` with a change, and nobody's work is lost.";

/// The chapters.
pub(super) fn tags() -> Value {
    json!([
        { "name": "session", "description": "Signing in and out." },
        { "name": "server", "description": "How the server is, and what it can do." },
        { "name": "settings", "description": "The configuration of the server, and the settings of its interface." },
        { "name": "web-users", "description": "Who may sign in here." },
        { "name": "templates", "description": "What new users of the directory are made from." },
        { "name": "instances", "description": "Trees, and their nodes by id." },
        { "name": "switches", "description": "FreeSWITCHes: what goes on in them, what they are told." },
        { "name": "history", "description": "What was changed, and the ways back." },
        { "name": "tree", "description": "Anything in a tree, by its address." },
        { "name": "directory", "description": "Domains, groups and users." },
        { "name": "dialplan", "description": "Contexts, extensions, conditions and what is done." },
        { "name": "variables", "description": "FreeSWITCH's global variables." },
        { "name": "configuration", "description": "Documents of the section configuration." },
        { "name": "schema", "description": "What is known of FreeSWITCH's elements and parameters." },
    ])
}

/// Parameters of queries, and headers of requests: name, place, schema as JSON, meaning.
const PARAMETERS: &[(&str, &str, &str, &str)] = &[
    (
        "depth",
        "query",
        r#"{"type":"integer","minimum":0,"maximum":50}"#,
        "How many levels below an element are shown: 1 for an element, 0 for the items of a list, unless it is said.",
    ),
    (
        "q",
        "query",
        r#"{"type":"string","maxLength":250}"#,
        "Stands somewhere in an item's tag, attributes or text, in whatever case.",
    ),
    (
        "filter",
        "query",
        r#"{"type":"array","items":{"type":"string"}}"#,
        "`NAME=VALUE`, also with `!=`, `*=` (holds) and `^=` (begins with); several must all be so. Names are attributes of the items, and `key`, `tag`, `enabled`, `position`, `text`.",
    ),
    (
        "sort",
        "query",
        r#"{"type":"string"}"#,
        "Names with commas between; a `-` before one turns its order round.",
    ),
    (
        "limit",
        "query",
        r#"{"type":"integer","minimum":0,"maximum":1000}"#,
        "How many items a page has; 200 unless it is said, at least 1.",
    ),
    (
        "words",
        "query",
        r#"{"type":"string","minLength":1,"maxLength":250}"#,
        "Words that are looked for, the first eight of them.",
    ),
    (
        "kind",
        "query",
        r#"{"type":"string"}"#,
        "The tag of what is looked for, such as `user` or `extension`.",
    ),
    (
        "hits",
        "query",
        r#"{"type":"integer","minimum":1,"maximum":100}"#,
        "How many hits are shown; 20 unless it is said.",
    ),
    (
        "most",
        "query",
        r#"{"type":"integer","minimum":1,"maximum":1000}"#,
        "How many are given; 100 unless it is said.",
    ),
    (
        "level",
        "query",
        r#"{"type":"string","enum":["0","1","2","3","4","5","6","7","console","alert","crit","err","warning","notice","info","debug"]}"#,
        "The most verbose level that is shown, by number or name; 6 unless it is said.",
    ),
    ("uuid", "query", r#"{"type":"string"}"#, "Only what is about this call."),
    (
        "seconds",
        "query",
        r#"{"type":"integer","minimum":1,"maximum":86400}"#,
        "When it ends by itself; without this it goes on as long as the session lasts and the switch is connected.",
    ),
    (
        "rows",
        "query",
        r#"{"type":"integer","minimum":1}"#,
        "How many rows are given; all of them unless it is said.",
    ),
    ("offset", "query", r#"{"type":"integer","minimum":0}"#, "So many rows are passed over."),
    ("dry_run", "query", r#"{"type":"boolean"}"#, "Nothing is written; the report says what would be."),
    (
        "mode",
        "query",
        r#"{"type":"string","enum":["all_or_nothing","each"]}"#,
        "Whether one row that is wrong keeps all from being written (the usual), or those that are right are written.",
    ),
    (
        "replace",
        "query",
        r#"{"type":"boolean"}"#,
        "Whether a row says all of its element; else what it does not mention stays.",
    ),
    (
        "report",
        "query",
        r#"{"type":"string","enum":["refused","all"]}"#,
        "Whether the report names each row, or only those that are wrong.",
    ),
    (
        "Prefer",
        "header",
        r#"{"type":"string"}"#,
        "`respond-async`: the answer is 202 and the job, and does not wait for its end.",
    ),
    ("cursor", "query", r#"{"type":"string"}"#, "The `next` of the page before."),
    (
        "position",
        "query",
        r#"{"type":"integer","minimum":1,"maximum":4294967295}"#,
        "The place of the new element among those of its collection, from 1.",
    ),
    ("before", "query", r#"{"type":"string"}"#, "The new element comes before the one of this name."),
    ("after", "query", r#"{"type":"string"}"#, "The new element comes behind the one of this name."),
    ("context", "query", r#"{"type":"string"}"#, "Only this context."),
    ("actor", "query", r#"{"type":"string"}"#, "Made by this web user or program."),
    (
        "address",
        "query",
        r#"{"type":"string"}"#,
        "About the element at this address; it is percent-encoded once more.",
    ),
    ("node", "query", r#"{"type":"integer"}"#, "About the node of this id, which may be gone."),
    ("since", "query", r#"{"type":"string","format":"date-time"}"#, "Made at this time or later."),
    ("until", "query", r#"{"type":"string","format":"date-time"}"#, "Made before this time."),
    (
        "preview",
        "query",
        r#"{"type":"boolean"}"#,
        "Nothing is changed; the answer says what would be. The same as in the body.",
    ),
    (
        "If-Match",
        "header",
        r#"{"type":"string"}"#,
        "ETags; the change is made only if the element has one of them now.",
    ),
    (
        "If-None-Match",
        "header",
        r#"{"type":"string"}"#,
        "For reading: ETags that are known already (304). For a change: `*`, it is made only if there is nothing yet.",
    ),
];

pub(super) fn parameters() -> Value {
    let shown = PARAMETERS.iter().map(|(name, place, schema, description)| {
        let schema: Value = serde_json::from_str(schema).unwrap_or_default();
        // Some have the name of others that mean something else.
        let called = match *name {
            "words" => "q",
            "hits" | "most" | "rows" => "limit",
            name => name,
        };
        let mut shown = json!({ "name": called, "in": place, "description": description, "schema": schema });
        if *name == "filter"
            && let Some(members) = shown.as_object_mut()
        {
            members.insert("explode".to_owned(), json!(true));
        }
        ((*name).to_owned(), shown)
    });
    Value::Object(shown.collect())
}

/// A part of a path.
pub(super) fn path_parameter(path: &str, name: &str) -> Value {
    let (schema, description, example) = match name {
        "instance" => ("string", "The instance's name.".to_owned(), json!("default")),
        "node" => ("integer", "The node's id.".to_owned(), json!(1)),
        "revision" => ("integer", "The revision's number.".to_owned(), json!(1)),
        "job" => ("integer", "The job's number.".to_owned(), json!(1)),
        "list" => ("string", "`params` or `variables`.".to_owned(), json!("params")),
        // One more than there is.
        "switch" if path.ends_with("/event-socket") => {
            ("string", "How the switch calls itself.".to_owned(), json!("fs2"))
        }
        "switch" => {
            ("string", "How the switch calls itself, or what it is called here.".to_owned(), json!("fs1"))
        }
        "command" => ("string", "The command's name.".to_owned(), json!("reloadacl")),
        "kind" if !path.starts_with("/api/v2/instances") => {
            ("string", "What is looked at.".to_owned(), json!("channels"))
        }
        // Outside of the tree, everything else has a number.
        name if !path.starts_with("/api/v2/instances") && name != "module" => {
            ("integer", format!("The number of the {name}."), json!(1))
        }
        "module" => {
            ("string", "The document, section or list: `sofia.conf`, `directory`, `applications`.".to_owned(), json!("sofia.conf"))
        }
        "address" => (
            "string",
            "The way from the document, with slashes between its parts. Each part is percent-encoded by itself; the \
             slashes between them are not."
                .to_owned(),
            json!("directory"),
        ),
        name => {
            let description = format!("The name of the {name}, or its number; the second of a name is `name~2`, a `~` in a name is `~~`.");
            ("string", description, json!("1"))
        }
    };
    json!({ "name": name, "in": "path", "required": true, "description": description,
            "schema": { "type": schema }, "example": example })
}

pub(super) fn headers() -> Value {
    json!({
        "ETag": { "description": "Which state of it this is.", "schema": { "type": "string" } },
        "Location": { "description": "The address of what is new.", "schema": { "type": "string" } },
        "Content-Location": { "description": "Its address.", "schema": { "type": "string" } },
        "CustomPBX-Revision": { "description": "The revision that the change is; missing when everything was so already.", "schema": { "type": "integer" } },
    })
}

pub(super) fn responses() -> Value {
    let problem = |description: &str| {
        json!({ "description": description,
                "content": { "application/problem+json": { "schema": reference("schemas", "Problem") } } })
    };
    json!({
        "NotSignedIn": problem("No valid session or token."),
        "Forbidden": problem("Signed in, but this needs another role."),
        "Problem": problem("Something is in the way; the problem says what, and what to do."),
    })
}

pub(super) fn schemas() -> Value {
    let codes: Vec<String> =
        CODES.iter().map(|(status, code, _)| format!("`{code}` ({})", status.as_u16())).collect();
    json!({
        "Problem": {
            "type": "object",
            "description": format!("RFC 9457. Codes that a status has when nothing more is said: {}.", codes.join(", ")),
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": { "type": "string", "format": "uri-reference" },
                "title": { "type": "string" },
                "status": { "type": "integer" },
                "code": { "type": "string", "description": "Stays the same for ever." },
                "detail": { "type": "string", "description": "What is wrong, and the way out." },
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["message"],
                        "properties": {
                            "pointer": { "type": "string", "description": "A JSON pointer into the body." },
                            "path": { "type": "string", "description": "A place in the tree." },
                            "parameter": { "type": "string", "description": "A parameter of the query." },
                            "message": { "type": "string" },
                        },
                    },
                },
                "line": { "type": "integer" },
                "column": { "type": "integer" },
                "etag": { "type": "string", "description": "That of the element as it is, with 412." },
                "current": reference("schemas", "Element"),
            },
        },
    })
}

/// An object with the member `items`: all there are of a kind.
pub(crate) fn list_of(schema: &str) -> Value {
    let items = json!({ "type": "array", "items": reference("schemas", schema) });
    json!({ "type": "object", "required": ["items"], "properties": { "items": items } })
}

/// An object with these members and no others.
pub(super) fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), properties);
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema.into()
}
