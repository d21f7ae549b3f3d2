//! `get_status`: how the server is. Its content also stands in the answers that refuse a token or a role.

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

/// No switch is driven yet, so that there is no connection to one.
async fn daemon(app: &App) -> Value {
    let database = app.pbx().is_connected().await;
    let error = (!database).then_some("the database is not available");
    json!({
        "database_connection": database,
        "data_base_error": error,
        "esl_connection": false,
        "esl_error": null,
        "cdr_database_connection": false,
        "cdr_data_base_error": null,
        "stun_server_status": false,
    })
}
