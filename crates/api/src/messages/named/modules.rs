//! Configurations as wholes: which there are, and whether they count.

use std::collections::BTreeSet;

use custompbx_model::NodeId;
use custompbx_model::modules::configuration::{CONFIGURATION, KNOWN, Known};
use custompbx_pbx::objects::Owner;
use custompbx_pbx::{Error, Pbx};
use custompbx_store::InstanceId;
use serde_json::{Map, Value};

use super::paste;
use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};

/// Every configuration that has a name here; those that are not there are `null`.
pub(crate) async fn get(asked: Asked<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    Ok(Reply::empty().with("modules", modules(pbx, instance).await?))
}

async fn modules(pbx: &Pbx, instance: InstanceId) -> Result<Map<String, Value>, Error> {
    let mut modules: Map<String, Value> =
        KNOWN.iter().map(|known| (known.key.to_owned(), Value::Null)).collect();
    for object in pbx.objects(instance, &CONFIGURATION, &Owner::instance()).await? {
        if let Some(known) = Known::of(&object.name())
            && let Some(place) = modules.get_mut(known.key).filter(|place| place.is_null())
        {
            *place = object.members().into();
        }
    }
    Ok(modules)
}

/// The configurations of these modules, or all, in the form of a push: every key, and those not null that changed.
pub(crate) async fn of_modules(
    pbx: &Pbx,
    names: &BTreeSet<String>,
    all: bool,
) -> Result<Map<String, Value>, Error> {
    let instance = pbx.default_instance().await?.id;
    let mut modules = modules(pbx, instance).await?;
    for known in KNOWN.iter().filter(|_| !all) {
        let is_named = known.module.is_some_and(|module| names.contains(module));
        if let (false, Some(place)) = (is_named, modules.get_mut(known.key)) {
            *place = Value::Null;
        }
    }
    Ok(modules)
}

/// Makes an empty one.
pub(crate) async fn from_scratch(asked: Asked<'_>) -> Outcome {
    let name = asked.data.needed("name")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    match pbx.make_configuration(instance, &asked.by()?, name).await {
        Ok(()) => Ok(Reply::empty()),
        Err(error @ Error::NotFound { .. }) => Err(refused("not_found", "module name not found", &error)),
        Err(error @ Error::Taken { .. }) => Err(refused("exists", "already exists", &error)),
        Err(error) => Err(error.into()),
    }
}

/// Takes over a pasted one.
pub(crate) async fn import_xml(asked: Asked<'_>) -> Outcome {
    let text = paste::text(&asked)?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let pasted = pbx.paste_configurations(instance, &asked.by()?, text).await;
    let pasted = pasted.map_err(|error| paste::refusal(error, &paste::CONFIGURATION))?;
    let reply = Reply::empty().with("modules", modules(pbx, instance).await?);
    Ok(paste::reported(reply, &pasted))
}

/// Enables or disables one.
pub(crate) async fn switch(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let enabled = asked.data.flag("enabled")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let done = pbx.switch_object(instance, &asked.by()?, &CONFIGURATION, NodeId(id), enabled).await;
    done.map_err(not_found)?;
    Ok(Reply::empty().with("modules", modules(pbx, instance).await?))
}

/// Takes one away.
pub(crate) async fn truncate(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    pbx.remove_configuration(instance, &asked.by()?, NodeId(id)).await.map_err(not_found)?;
    Ok(Reply::empty().with("modules", modules(pbx, instance).await?))
}

/// Lets the module of one be loaded at the end of a start, or not any more.
pub(crate) async fn autoload(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    match pbx.toggle_autoload(instance, &asked.by()?, NodeId(id)).await {
        Ok(done) => Ok(Reply::empty().with("data", done.object.members())),
        Err(error @ Error::NotFound { .. }) => Err(refused("not_found", "module not found", &error)),
        Err(error) => Err(error.into()),
    }
}

fn not_found(error: Error) -> Stop {
    match error {
        Error::NotFound { .. } => refused("not_found", "configuration not found", &error),
        error => error.into(),
    }
}

fn refused(code: &'static str, text: &'static str, error: &Error) -> Stop {
    Refusal::new(code, text).detailed(error.to_string()).into()
}
