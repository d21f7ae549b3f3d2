//! `get_status`: how the server is. Its content also stands in the answers that refuse a token or a role.

use custompbx_pbx::switches::Phase;
use serde_json::{Value, json};

use crate::App;
use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Reply};

/// Answers under `connection`.
pub(crate) async fn get_status(asked: Asked<'_>) -> Outcome {
    Ok(reply(asked.app).await.called("connection"))
}

/// The member `daemon`.
pub(crate) async fn reply(app: &App) -> Reply {
    Reply::empty().with("daemon", daemon(app).await)
}

/// How the database and the switch of the configuration are.
async fn daemon(app: &App) -> Value {
    let database = app.pbx().is_connected().await;
    let error = (!database).then_some("the database is not available");
    let switch = app.pbx().current_switch().ok().map(|driven| driven.supervisor.status());
    let connected =
        switch.as_ref().is_some_and(|status| matches!(status.phase, Phase::Live | Phase::Reading));
    let trouble = switch.as_ref().filter(|_| !connected).and_then(|status| status.trouble.as_ref());
    json!({
        "database_connection": database,
        "data_base_error": error,
        "esl_connection": connected,
        "esl_error": trouble.map(ToString::to_string),
        "cdr_database_connection": false,
        "cdr_data_base_error": null,
        "stun_server_status": false,
    })
}
