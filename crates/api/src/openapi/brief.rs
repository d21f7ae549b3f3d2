//! Routes whose bodies are not described: how they are called, who may call them, and that they speak JSON. To describe
//! one, give it an [`super::Operation`] beside its handler; it is not listed here any more then.

use serde_json::{Value, json};

use super::{operations, reference};
use crate::access::Access;
use crate::routes::{self, Route};

/// The chapter that they are in.
pub(super) const TAG: &str = "administration";

/// The routes of REST that no [`super::Operation`] is about.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let described = |route: &Route| {
        operations().any(|operation| route.method == operation.method && route.path == operation.path)
    };
    routes::all().into_iter().filter(move |route| route.path.starts_with("/api/v2/") && !described(route))
}

/// What is said of one.
pub(super) fn described(route: &Route) -> Value {
    let mut shown = json!({
        "operationId": id(route),
        "tags": [TAG],
        "summary": format!("{} {}", route.method, route.path),
        "responses": {
            "401": reference("responses", "NotSignedIn"),
            "403": reference("responses", "Forbidden"),
            "2XX": {
                "description": "What was asked for.",
                "content": { "application/json": { "schema": {} } },
            },
            "default": reference("responses", "Problem"),
        },
    });
    if let Access::Role(role) = route.access {
        shown["x-role"] = role.as_str().into();
    }
    if matches!(route.method.as_str(), "POST" | "PUT" | "PATCH") {
        shown["requestBody"] = json!({ "content": { "application/json": { "schema": {} } } });
    }
    shown
}

/// `GET /api/v2/web-users/{user}` is `getWebUsersUser`.
fn id(route: &Route) -> String {
    let words = route.path["/api/v2/".len()..].split(|c: char| !c.is_ascii_alphanumeric());
    let mut id = route.method.as_str().to_ascii_lowercase();
    for word in words.filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        id.push_str(&first.to_ascii_uppercase());
        id.push_str(rest);
    }
    id
}
