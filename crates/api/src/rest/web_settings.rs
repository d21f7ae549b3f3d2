//! Settings of the interface.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::{Extension, Json};
use custompbx_store::WebUser;
use serde_json::{Value, json};

use crate::App;
use crate::problem::Problem;

pub(crate) async fn show(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let pbx = app.pbx();
    Ok(Json(json!(pbx.web_settings(&pbx.web_setting_names()).await?)))
}

pub(crate) async fn change(
    State(app): State<App>,
    Extension(user): Extension<WebUser>,
    body: Result<Json<BTreeMap<String, String>>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    app.pbx().save_web_settings(&super::by(&user), &super::body(body)?).await?;
    show(State(app)).await
}
