//! Instances, and which switches each of them serves.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use custompbx_pbx::instances::Served;
use custompbx_pbx::{By, Error};
use custompbx_store::{InstanceChange, WebUser};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Sent, by};
use crate::App;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

const ALL: &str = "/api/v2/instances";
const ONE: &str = "/api/v2/instances/{instance}";
const MADE: Answer = Answer {
    status: 201,
    description: "It is made, with an empty tree.",
    schema: "Instance",
    headers: &["Location"],
    ..Answer::OK
};
const SHOWN: Answer = Answer { schema: "Instance", ..Answer::OK };

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[Answer { schema: "Instances", ..Answer::OK }],
        ..Operation::new("GET", ALL, "listInstances", "instances", "All instances, oldest first")
    },
    Operation {
        body: Some(Body {
            schema: "NewInstance",
            media: &[JSON],
            example: r#"{"name": "west", "description": "in the west", "switches": ["fs2"]}"#,
        }),
        answers: &[MADE],
        ..Operation::new("POST", ALL, "createInstance", "instances", "Make an instance")
    },
    Operation { answers: &[SHOWN], ..Operation::new("GET", ONE, "getInstance", "instances", "One instance") },
    Operation {
        description: "What is left out has its default.",
        body: Some(Body {
            schema: "InstanceInput",
            media: &[JSON],
            example: r#"{"description": "in the west"}"#,
        }),
        answers: &[SHOWN, MADE],
        ..Operation::new("PUT", ONE, "putInstance", "instances", "Make an instance so, new or not")
    },
    Operation {
        description: "What is left out stays. There is always a default instance, and it is enabled.",
        body: Some(Body {
            schema: "InstanceInput",
            media: &[JSON],
            example: r#"{"switches": ["fs2", "fs3"]}"#,
        }),
        answers: &[SHOWN],
        ..Operation::new("PATCH", ONE, "patchInstance", "instances", "Change an instance")
    },
    Operation {
        description: "The default one cannot go.",
        answers: &[Answer { status: 204, description: "It is gone.", ..Answer::OK }],
        ..Operation::new(
            "DELETE",
            ONE,
            "deleteInstance",
            "instances",
            "Delete an instance, its tree and its history",
        )
    },
];

pub(crate) fn schemas() -> Value {
    let switches = json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "The switches that are served from it, by their hostnames.",
    });
    let default = json!({
        "type": "boolean",
        "description": "Whether it serves the switches that are assigned to none.",
    });
    let members = json!({
        "description": { "type": "string" },
        "enabled": { "type": "boolean" },
        "default": default,
        "switches": switches,
    });
    let with = |more: Value| {
        let mut all = members.clone();
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
        all
    };
    json!({
        "Instances": {
            "type": "object",
            "required": ["items"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/Instance" } },
            },
        },
        "Instance": {
            "type": "object",
            "required": ["id", "name", "description", "enabled", "default", "switches"],
            "properties": with(json!({ "id": { "type": "integer" }, "name": { "type": "string" } })),
        },
        "NewInstance": {
            "type": "object",
            "required": ["name"],
            "properties": with(json!({ "name": { "type": "string", "minLength": 1, "maxLength": 100 } })),
            "additionalProperties": false,
        },
        "InstanceInput": { "type": "object", "properties": members, "additionalProperties": false },
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
    body: Sent<New>,
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
    body: Sent<Wanted>,
) -> Result<(StatusCode, HeaderMap, Json<Value>), Problem> {
    let (name, wanted) = (super::name(path)?, super::body(body)?);
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
    body: Sent<Wanted>,
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
