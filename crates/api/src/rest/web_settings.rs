//! Settings of the interface.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::{Extension, Json};
use custompbx_store::WebUser;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{self, Answer, JSON, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v2/web-settings",
        id: "getWebSettings",
        tag: "settings",
        summary: "Settings of the interface",
        answers: &[Answer { schema: "WebSettings", ..Answer::OK }],
        ..Operation::GET
    },
    Operation {
        method: "PATCH",
        path: "/api/v2/web-settings",
        id: "patchWebSettings",
        tag: "settings",
        summary: "Change settings of the interface",
        body: Some(openapi::Body { schema: "WebSettingsPatch", media: &[JSON], example: "" }),
        answers: &[Answer { schema: "WebSettings", ..Answer::OK }],
        ..Operation::GET
    },
];

pub(crate) fn schemas() -> Value {
    json!({
        "WebSettings": { "type": "object", "additionalProperties": { "type": ["string", "null"] } },
        "WebSettingsPatch": { "type": "object", "additionalProperties": { "type": "string" } },
    })
}

pub(crate) async fn show(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let pbx = app.pbx();
    Ok(Json(json!(pbx.web_settings(&pbx.web_setting_names()).await?)))
}

pub(crate) async fn change(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    body: super::Body,
) -> Result<Json<Value>, Problem> {
    let settings: BTreeMap<String, String> = super::body(body)?;
    app.pbx().save_web_settings(&super::by(&user), &settings).await?;
    show(State(app)).await
}
