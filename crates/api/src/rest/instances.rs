//! Instances, and which switches each of them serves.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use custompbx_pbx::instances::Served;
use custompbx_pbx::{By, Error};
use custompbx_store::{InstanceChange, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, by};
use crate::App;
use crate::openapi::{self, Answer, JSON, Operation, list_of, object};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/instances",
        id: "listInstances",
        tag: "instances",
        summary: "All instances",
        answers: &[Answer { schema: "Instances", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "POST",
        path: "/api/v2/instances",
        id: "createInstance",
        tag: "instances",
        summary: "A new instance",
        body: Some(openapi::Body {
            schema: "NewInstance",
            media: &[JSON],
            example: r#"{"name": "second", "switches": ["fs2"]}"#,
        }),
        answers: &[Answer {
            status: 201,
            description: "It was made.",
            schema: "Instance",
            headers: &["Location"],
            ..Answer::OK
        }],
        ..Operation::GET
    },
    Operation {
        path: "/api/v2/instances/{instance}",
        id: "getInstance",
        tag: "instances",
        summary: "An instance",
        answers: &[Answer { schema: "Instance", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "PUT",
        path: "/api/v2/instances/{instance}",
        id: "putInstance",
        tag: "instances",
        summary: "Make an instance be so",
        description: "What is left out has its default.",
        body: Some(openapi::Body {
            schema: "InstanceInput",
            media: &[JSON],
            example: r#"{"description": "The second one"}"#,
        }),
        answers: &[
            Answer { schema: "Instance", ..Answer::OK },
            Answer {
                status: 201,
                description: "It was made.",
                schema: "Instance",
                headers: &["Location"],
                ..Answer::OK
            },
        ],
        ..Operation::GET
    },
    Operation {
        method: "PATCH",
        path: "/api/v2/instances/{instance}",
        id: "patchInstance",
        tag: "instances",
        summary: "Change an instance",
        body: Some(openapi::Body {
            schema: "InstanceInput",
            media: &[JSON],
            example: r#"{"description": "The second one"}"#,
        }),
        answers: &[Answer { schema: "Instance", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "DELETE",
        path: "/api/v2/instances/{instance}",
        id: "deleteInstance",
        tag: "instances",
        summary: "Delete an instance with its tree",
        answers: &[Answer { status: 204, description: "It is done.", ..Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    let (text, flag) = (json!({ "type": "string" }), json!({ "type": "boolean" }));
    let own = json!({
        "description": text, "enabled": flag, "default": flag,
        "switches": { "type": "array", "items": text, "description": "Hostnames of switches that are served from it." },
    });
    let mut new = own.clone();
    new["name"] = text;
    let mut shown = new.clone();
    shown["id"] = json!({ "type": "integer" });
    let required = ["id", "name", "description", "enabled", "default", "switches"];
    json!({
        "Instances": list_of("Instance"),
        "Instance": { "type": "object", "properties": shown, "required": required },
        "InstanceInput": object(own, &[]),
        "NewInstance": object(new, &["name"]),
    })
}

/// What can be said of an instance.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    description: Option<String>,
    enabled: Option<bool>,
    default: Option<bool>,
    switches: Option<Vec<String>>,
}

/// A new instance.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    name: String,
    description: Option<String>,
    enabled: Option<bool>,
    default: Option<bool>,
    switches: Option<Vec<String>>,
}

impl Wanted {
    fn change(self) -> InstanceChange {
        let Self { description, enabled, default, switches } = self;
        InstanceChange { description, enabled, make_default: default == Some(true), switches }
    }
}

pub(crate) async fn list(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let items: Vec<Value> = app.pbx().instances_and_switches().await?.iter().map(shown).collect();
    Ok(Json(json!({ "items": items })))
}

pub(crate) async fn one(State(app): State<App>, path: super::Named) -> Result<Json<Value>, Problem> {
    Ok(Json(find(&app, &super::name(path)?).await?))
}

pub(crate) async fn create(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    body: Body,
) -> Result<(StatusCode, HeaderMap, Json<Value>), Problem> {
    let New { name, description, enabled, default, switches } = super::body(body)?;
    let wanted = Wanted { description, enabled, default, switches };
    make(&app, &by(&user), &name, wanted).await
}

/// Makes the instance so, and makes it first if it is not there. What is left out has its default.
pub(crate) async fn put(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: super::Named,
    body: Body,
) -> Result<(StatusCode, HeaderMap, Json<Value>), Problem> {
    let (name, wanted) = (super::name(path)?, super::body::<Wanted>(body)?);
    let wanted = Wanted {
        description: Some(wanted.description.unwrap_or_default()),
        enabled: Some(wanted.enabled.unwrap_or(true)),
        switches: Some(wanted.switches.unwrap_or_default()),
        ..wanted
    };
    match app.pbx().instance(&name).await {
        Err(Error::NotFound { .. }) => make(&app, &by(&user), &name, wanted).await,
        Err(error) => Err(error.into()),
        Ok(_) => {
            let shown = change(&app, &by(&user), &name, wanted).await?;
            Ok((StatusCode::OK, HeaderMap::new(), Json(shown)))
        }
    }
}

pub(crate) async fn patch(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: super::Named,
    body: Body,
) -> Result<Json<Value>, Problem> {
    Ok(Json(change(&app, &by(&user), &super::name(path)?, super::body(body)?).await?))
}

pub(crate) async fn delete(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    path: super::Named,
) -> Result<StatusCode, Problem> {
    let instance = app.pbx().instance(&super::name(path)?).await?;
    app.pbx().delete_instance(&by(&user), instance.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn make(
    app: &App,
    by: &By,
    name: &str,
    wanted: Wanted,
) -> Result<(StatusCode, HeaderMap, Json<Value>), Problem> {
    let created = app.pbx().create_instance(by, name, &wanted.change()).await?;
    let mut headers = HeaderMap::new();
    if let Ok(location) =
        HeaderValue::from_str(&format!("/api/v2/instances/{}", super::segment(&created.name)))
    {
        headers.insert(header::LOCATION, location);
    }
    Ok((StatusCode::CREATED, headers, Json(find(app, &created.name).await?)))
}

async fn change(app: &App, by: &By, name: &str, wanted: Wanted) -> Result<Value, Problem> {
    let instance = app.pbx().instance(name).await?;
    if wanted.default == Some(false) && instance.is_default {
        let reason = "there is always a default instance; make another one the default";
        return Err(Error::BadRequest(reason.to_owned()).into());
    }
    app.pbx().change_instance(by, instance.id, &wanted.change()).await?;
    find(app, name).await
}

async fn find(app: &App, name: &str) -> Result<Value, Problem> {
    let all = app.pbx().instances_and_switches().await?;
    let found = all.iter().find(|served| served.instance.name == name);
    let missing = || Error::NotFound { what: "instance", name: name.to_owned() };
    Ok(shown(found.ok_or_else(missing)?))
}

fn shown(served: &Served) -> Value {
    let Served { instance, switches } = served;
    json!({
        "id": instance.id,
        "name": instance.name,
        "description": instance.description,
        "enabled": instance.enabled,
        "default": instance.is_default,
        "switches": switches,
    })
}
