//! Settings of the interface.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply};

const EMPTY_REQUEST: Refusal = Refusal::new("empty_data", "empty request");

/// The values of the settings that are named; what stands beside the names does not matter.
pub(crate) async fn get_web_settings(asked: Asked<'_>) -> Outcome {
    let names: Vec<&str> = named(&asked)?.keys().map(String::as_str).collect();
    let found = asked.app.pbx().web_settings(&names).await?;
    Ok(reply(&found))
}

/// Saves all of them, or none.
pub(crate) async fn save_web_settings(asked: Asked<'_>) -> Outcome {
    let mut settings = BTreeMap::new();
    for (name, value) in named(&asked)? {
        let value = value.as_str().ok_or(Refusal::WRONG_DATA)?;
        settings.insert(name.clone(), value.trim().to_owned());
    }
    let by = asked.by()?;
    asked.app.pbx().save_web_settings(&by, &settings).await?;
    Ok(reply(&settings))
}

fn named<'a>(asked: &Asked<'a>) -> Result<&'a Map<String, Value>, Refusal> {
    let named = asked.data.get("web_settings").and_then(Value::as_object);
    named.filter(|named| !named.is_empty()).ok_or(EMPTY_REQUEST)
}

fn reply(settings: &BTreeMap<String, String>) -> Reply {
    let members: Map<String, Value> =
        settings.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    Reply::empty().with("web_settings", members)
}
