//! Settings of the dialplan.

use custompbx_pbx::dialplan::DialplanSettings;
use serde_json::json;

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Reply};

/// The settings.
pub(crate) async fn get_settings(asked: Asked<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let DialplanSettings { modes, debug } = pbx.dialplan_settings(instance).await?;
    let settings = json!({ "no_proceed": modes.no_proceed(), "enable_debug": debug });
    Ok(Reply::empty().with("dialplan_settings", settings))
}

/// Whether FreeSWITCH gets contexts as they are, or the actions that apply to the call.
pub(crate) async fn change_not_proceed(asked: Asked<'_>) -> Outcome {
    let no_proceed = asked.data.flag("enabled")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    pbx.set_no_proceed(&asked.by()?, instance, no_proceed).await?;
    get_settings(asked).await
}

/// Whether evaluations are told to those who listen.
pub(crate) async fn debug(asked: Asked<'_>) -> Outcome {
    Ok(Reply::empty().with("enabled", asked.app.pbx().is_debugging()))
}

/// Switches that on or off.
pub(crate) async fn switch_debug(asked: Asked<'_>) -> Outcome {
    let enabled = asked.data.flag("enabled")?;
    asked.app.pbx().set_debugging(enabled);
    debug(asked).await
}
