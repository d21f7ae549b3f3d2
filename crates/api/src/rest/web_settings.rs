//! Settings of the interface.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::{Extension, Json};
use custompbx_store::WebUser;
use serde_json::{Value, json};

use crate::App;
use crate::openapi::{Answer, Body, JSON, Operation};
use crate::problem::Problem;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        answers: &[Answer { schema: "WebSettings", ..Answer::OK }],
        ..Operation::new("GET", PATH, "getWebSettings", "settings", "The settings of the interface")
    },
    Operation {
        description: "What is left out stays; an empty value is none.",
        body: Some(Body { schema: "WebSettings", media: &[JSON], example: r#"{"cdr_module": "auto"}"# }),
        answers: &[Answer { schema: "WebSettings", ..Answer::OK }],
        ..Operation::new("PATCH", PATH, "patchWebSettings", "settings", "Change settings of the interface")
    },
];

const PATH: &str = "/api/v2/web-settings";

pub(crate) fn schemas() -> Value {
    json!({
        "WebSettings": {
            "type": "object",
            "properties": {
                "cdr_module": { "type": "string", "enum": ["", "auto", "cdr_pg_csv", "odbc_cdr"] },
                "cdr_table": { "type": "string" },
                "cdr_file_serve_column": { "type": "string" },
                "cdr_file_server_path": { "type": "string" },
            },
            "additionalProperties": false,
        },
    })
}

pub(crate) async fn show(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let pbx = app.pbx();
    Ok(Json(json!(pbx.web_settings(&pbx.web_setting_names()).await?)))
}

pub(crate) async fn change(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    body: super::Sent<BTreeMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    let settings = super::body(body)?;
    app.pbx().save_web_settings(&super::by(&user), &settings).await?;
    show(State(app)).await
}
