//! The configuration of the server.

use std::borrow::Cow;

use custompbx_pbx::Error;
use custompbx_pbx::settings::{Current, Shown};
use serde_json::{Map, Value};

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};

/// Shows the settings as they are saved.
pub(crate) async fn get_settings(asked: Asked<'_>) -> Outcome {
    let current = asked.app.pbx().settings();
    Ok(reply(&current).with_all(crate::rest::settings::effects(&current)))
}

/// Saves what is sent over what is there.
pub(crate) async fn set_settings(asked: Asked<'_>) -> Outcome {
    let payload = payload(&asked).ok_or(Refusal::EMPTY_DATA)?;
    let by = asked.by()?;
    match asked.app.pbx().change_settings(&by, &payload).await {
        Ok(saved) => Ok(reply(&saved.current).with_all(crate::rest::settings::outcome(&saved))),
        Err(error @ Error::NotSaved(_)) => {
            tracing::error!(error = error.chain(), "settings were not saved");
            Err(Refusal::new("not_saved", "can't save").into())
        }
        Err(error) => Err(Stop::from(error)),
    }
}

/// The documentation gives this name to both.
pub(crate) async fn settings(asked: Asked<'_>) -> Outcome {
    if asked.data.get("payload").is_some() { set_settings(asked).await } else { get_settings(asked).await }
}

/// An object, or as the documentation calls it a text with an object in it.
fn payload<'a>(asked: &Asked<'a>) -> Option<Cow<'a, Map<String, Value>>> {
    let payload = match asked.data.get("payload")? {
        Value::Object(members) => Cow::Borrowed(members),
        Value::String(text) => Cow::Owned(serde_json::from_str(text).ok()?),
        _ => return None,
    };
    (!payload.is_empty()).then_some(payload)
}

fn reply(current: &Current) -> Reply {
    let shown = current.saved.shown(Shown::Documented, &current.from_environment);
    Reply::empty().called("settings").with("settings", shown)
}
