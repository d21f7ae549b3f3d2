//! Instances.

use custompbx_pbx::Error;
use custompbx_store::{Instance, InstanceChange, InstanceId};
use serde_json::{Map, Value, json};

use crate::messages::dispatch::Asked;
use crate::messages::fields::LONGEST_TEXT;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};

const NO_ID: Refusal = Refusal::new("no_id", "no id");
const NOT_FOUND: Refusal = Refusal::new("not_found", "instance not found");
const CANNOT_UPDATE: Refusal = Refusal::new("cannot_update", "can't update");

/// All instances; `id` is the one that the messages are about.
pub(crate) async fn get_instances(asked: Asked<'_>) -> Outcome {
    let all = asked.app.pbx().instances().await?;
    let default = all.iter().find(|instance| instance.is_default).map_or(0, |instance| instance.id.0);
    Ok(Reply::empty().with("fs_instances", by_id(&all)).with("id", default))
}

/// Gives an instance another description.
pub(crate) async fn update_instance_description(asked: Asked<'_>) -> Outcome {
    let id = InstanceId(asked.data.id("id").map_err(|_| NO_ID)?);
    let description = asked.data.text("value").ok_or(Refusal::EMPTY_DATA)?;
    if description.len() > LONGEST_TEXT {
        return Err(Refusal::WRONG_DATA.into());
    }
    let by = asked.by()?;
    let change = InstanceChange { description: Some(description.to_owned()), ..InstanceChange::default() };
    match asked.app.pbx().change_instance(&by, id, &change).await {
        Ok(instance) => Ok(Reply::empty().with("fs_instances", by_id(&[instance]))),
        Err(Error::NotFound { .. }) => Err(NOT_FOUND.into()),
        Err(Error::BadRequest(_)) => Err(CANNOT_UPDATE.into()),
        Err(error) => Err(Stop::from(error)),
    }
}

fn by_id(instances: &[Instance]) -> Value {
    let shown = |instance: &Instance| {
        let shown = json!({
            "id": instance.id,
            "name": instance.name,
            "description": instance.description,
            "enabled": instance.enabled,
        });
        (instance.id.to_string(), shown)
    };
    instances.iter().map(shown).collect::<Map<_, _>>().into()
}
