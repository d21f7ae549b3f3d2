//! What only a running FreeSWITCH can do. Until one is connected these messages are refused; none says that it was
//! done.

use custompbx_model::NodeId;
use custompbx_model::modules::configuration::{CONFIGURATION, Known};
use custompbx_pbx::Error;

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal};

const NO_CONNECTION: Refusal = Refusal::new("no_switch", "no esl connection");

/// Imports from the running switch.
pub(crate) async fn import(_: Asked<'_>) -> Outcome {
    Err(NO_CONNECTION.into())
}

/// Imports one configuration from it.
pub(crate) async fn import_module(asked: Asked<'_>) -> Outcome {
    let name = asked.data.needed("name")?;
    if Known::find(name).is_none() {
        return Err(Refusal::new("not_found", "module name not found").into());
    }
    Err(NO_CONNECTION.into())
}

/// Loads, unloads or reloads the module of a configuration.
pub(crate) async fn load(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    match pbx.object(instance, &CONFIGURATION, NodeId(id)).await {
        Ok(_) => Err(Refusal::new("no_switch", "no ECL connection").into()),
        Err(Error::NotFound { .. }) => Err(Refusal::new("not_found", "configuration not found").into()),
        Err(error) => Err(error.into()),
    }
}
