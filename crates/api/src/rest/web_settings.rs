//! Settings of the interface.

use std::collections::BTreeMap;

use axum::extract::State;
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
    body: super::Body,
) -> Result<Json<Value>, Problem> {
    let settings: BTreeMap<String, String> = super::body(body)?;
    app.pbx().save_web_settings(&super::by(&user), &settings).await?;
    show(State(app)).await
}
