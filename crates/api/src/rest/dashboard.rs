//! How the machine and the switch are.

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::App;
use crate::messages::named::dashboard::whole;

pub(crate) async fn dashboard(State(app): State<App>) -> Json<Value> {
    Json(whole(&app.pbx().dashboard().await).into())
}
