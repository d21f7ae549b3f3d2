//! The description as a page for people: plain HTML without a script, made from the document.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::response::Response;
use custompbx_model::xml::escape::escape;
use serde_json::Value;

use super::{Answer, JSON, Operation, unchanging};
use crate::problem::CODES;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/openapi.json",
        id: "getOpenApi",
        tag: "server",
        summary: "This description",
        description: "OpenAPI 3.1. `custompbx openapi` prints the same.",
        answers: &[Answer { schema: "OpenApi", media: &[JSON], headers: &["ETag"], ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/docs",
        id: "getDocs",
        tag: "server",
        summary: "This description as a page",
        answers: &[Answer { schema: "Text", media: &["text/html"], headers: &["ETag"], ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/docs/style.css",
        id: "getDocsStyle",
        tag: "server",
        summary: "How that page looks",
        answers: &[Answer { schema: "Text", media: &["text/css"], headers: &["ETag"], ..Answer::OK }],
        ..Operation::GET
    },
];

static PAGE: LazyLock<String> = LazyLock::new(|| html(super::value()));

/// `GET /api/v2/docs`
pub(crate) async fn docs(headers: HeaderMap) -> Response {
    unchanging(&headers, "text/html; charset=utf-8", &PAGE)
}

/// `GET /api/v2/docs/style.css`
pub(crate) async fn style(headers: HeaderMap) -> Response {
    unchanging(&headers, "text/css; charset=utf-8", include_str!("style.css"))
}

/// Methods in the order in which people think of them.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

fn html(document: &Value) -> String {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default()).replace("&#10;", "\n");
    let info = &document["info"];
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>CustomPBX: REST API</title>\n",
    );
    out.push_str("<link rel=\"stylesheet\" href=\"/api/v2/docs/style.css\">\n</head>\n<body>\n");
    let _ = write!(
        out,
        "<header><h1>{} REST API <small>{}</small></h1>",
        text(&info["title"]),
        text(&info["version"])
    );
    for paragraph in text(&info["description"]).split("\n\n") {
        let _ = write!(out, "<p>{}</p>", code(paragraph));
    }
    out.push_str("<p><a href=\"/api/v2/openapi.json\">openapi.json</a></p></header>\n<nav><ul>\n");
    let tags: Vec<&Value> = document["tags"].as_array().into_iter().flatten().collect();
    for tag in &tags {
        let _ = writeln!(out, "<li><a href=\"#{0}\">{0}</a></li>", text(&tag["name"]));
    }
    out.push_str("<li><a href=\"#problems\">problems</a></li>\n</ul></nav>\n<main>\n");
    for tag in tags {
        let _ = writeln!(
            out,
            "<section id=\"{0}\"><h2>{0}</h2>\n<p>{1}</p>",
            text(&tag["name"]),
            text(&tag["description"])
        );
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for method in METHODS {
                let operation = &item[*method];
                if operation["tags"][0] == tag["name"] {
                    push_operation(&mut out, document, path, method, operation);
                }
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("<section id=\"problems\"><h2>problems</h2>\n<dl>\n");
    for (status, code, meaning) in CODES {
        let _ = writeln!(
            out,
            "<dt id=\"problem-{code}\"><code>{code}</code> {}</dt><dd>{}</dd>",
            status.as_u16(),
            escape(meaning)
        );
    }
    out.push_str("</dl></section>\n</main>\n</body>\n</html>\n");
    out
}

fn push_operation(out: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let text = |value: &Value| code(&escape(value.as_str().unwrap_or_default()).replace("&#10;", "\n"));
    let id = text(&operation["operationId"]);
    let _ = writeln!(
        out,
        "<details id=\"{id}\"><summary><b class=\"{method}\">{}</b> <code>{}</code> <span>{}</span></summary>",
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
    );
    if operation["description"].is_string() {
        let _ = writeln!(out, "<p>{}</p>", text(&operation["description"]));
    }
    let role = operation["x-role"].as_str().unwrap_or("anybody");
    let _ = writeln!(out, "<p>Function <code>{id}</code>, for {}.</p>", escape(role));
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: Vec<&Value> = parameters.map(|parameter| resolved(document, parameter)).collect();
    if !rows.is_empty() {
        out.push_str("<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>\n");
        for row in rows {
            let (name, place) = (text(&row["name"]), text(&row["in"]));
            let _ = writeln!(
                out,
                "<tr><td><code>{name}</code></td><td>{place}</td><td>{}</td></tr>",
                text(&row["description"])
            );
        }
        out.push_str("</table>\n");
    }
    for (media, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        let _ = writeln!(out, "<p>Takes <code>{}</code>{}</p>", escape(media), schema_name(content));
        if content["example"].is_object() {
            let example = serde_json::to_string_pretty(&content["example"]).unwrap_or_default();
            let _ = writeln!(out, "<pre>{}</pre>", escape(&example).replace("&#10;", "\n"));
        }
    }
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        let answer = resolved(document, answer);
        let content = answer["content"].as_object().into_iter().flatten();
        let kinds: Vec<String> = content
            .map(|(media, content)| format!("<code>{}</code>{}", escape(media), schema_name(content)))
            .collect();
        let _ = writeln!(
            out,
            "<p><b>{}</b> {} {}</p>",
            escape(status),
            text(&answer["description"]),
            kinds.join(", ")
        );
    }
    out.push_str("</details>\n");
}

fn schema_name(content: &Value) -> String {
    let name = content["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map(|name| format!(" ({})", escape(name))).unwrap_or_default()
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let path = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    path.and_then(|path| document.pointer(path)).unwrap_or(value)
}

/// What stands between backticks.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}
