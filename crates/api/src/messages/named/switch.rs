//! What only a running FreeSWITCH can do.

use custompbx_model::NodeId;
use custompbx_model::modules::configuration::{CONFIGURATION, Known};
use custompbx_model::modules::global_variables::VARIABLE;
use custompbx_pbx::Error;
use custompbx_pbx::objects::Owner;
use custompbx_pbx::switches::CommandError;
use custompbx_pbx::switches::import::What;
use serde_json::{Map, Value};

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};
use crate::rest::switches::taken_report;

const NOT_FOUND: Refusal = Refusal::new("not_found", "module name not found");

/// Imports domains that are not stored from the running switch.
pub(crate) async fn import_directory(asked: Asked<'_>) -> Outcome {
    import(&asked, What::Directory).await
}

/// Contexts that are not stored.
pub(crate) async fn import_dialplan(asked: Asked<'_>) -> Outcome {
    import(&asked, What::Dialplan).await
}

/// Configurations that are not stored.
pub(crate) async fn import_configurations(asked: Asked<'_>) -> Outcome {
    import(&asked, What::Configurations).await
}

/// Global variables, where none is stored; all of them are answered.
pub(crate) async fn import_variables(asked: Asked<'_>) -> Outcome {
    let reply = import(&asked, What::Variables).await?;
    let pbx = asked.app.pbx();
    let instance = pbx.instance_of(&*pbx.current_switch()?);
    let instance = match instance {
        Some(instance) => instance,
        None => pbx.default_instance().await?.id,
    };
    let all = pbx.objects(instance, &VARIABLE, &Owner::instance()).await?;
    let all: Map<String, Value> =
        all.iter().map(|one| (one.id().to_string(), one.members().into())).collect();
    Ok(reply.with("global_variables", all))
}

/// One configuration, which must not be stored.
pub(crate) async fn import_module(asked: Asked<'_>) -> Outcome {
    let name = asked.data.needed("name")?;
    if Known::find(name).is_none() {
        return Err(NOT_FOUND.into());
    }
    match import(&asked, What::Configuration(name)).await {
        // conference.conf is of no use without its layouts.
        Ok(reply) => {
            let beside = Known::find(name).and_then(|known| known.beside);
            match beside {
                Some(beside) => with_beside(&asked, reply, beside).await,
                None => Ok(reply),
            }
        }
        Err(stop) => Err(stop),
    }
}

async fn with_beside(asked: &Asked<'_>, reply: Reply, beside: &'static str) -> Outcome {
    let pbx = asked.app.pbx();
    let driven = pbx.connected_switch().map_err(|error| no_connection(error, "no esl connection"))?;
    match pbx.import_running(&asked.by()?, &driven, What::Configuration(beside)).await {
        // It may be stored, or not be there.
        Ok(_) | Err(Error::Taken { .. } | Error::NotFound { .. }) => Ok(reply),
        Err(error) => Err(failed(error, "can't send command")),
    }
}

async fn import(asked: &Asked<'_>, what: What<'_>) -> Outcome {
    let pbx = asked.app.pbx();
    let driven = pbx.connected_switch().map_err(|error| no_connection(error, "no esl connection"))?;
    match pbx.import_running(&asked.by()?, &driven, what).await {
        Ok(taken) => {
            let mut report = taken_report(pbx, &driven, &taken).await;
            report["report"] = taken.imported.map(|imported| imported.report.to_string()).into();
            Ok(Reply::empty().with("imported", report))
        }
        Err(Error::Taken { .. }) => Err(Refusal::new("exists", "already exists").into()),
        Err(error @ (Error::NotFound { .. } | Error::Read(_))) => {
            Err(Refusal::new("not_found", "can't read config").detailed(error.to_string()).into())
        }
        Err(error) => Err(failed(error, "can't send command")),
    }
}

/// Loads the module of a configuration.
pub(crate) async fn load(asked: Asked<'_>) -> Outcome {
    with_module(&asked, "module.load").await
}

/// Unloads it.
pub(crate) async fn unload(asked: Asked<'_>) -> Outcome {
    with_module(&asked, "module.unload").await
}

/// Unloads and loads it.
pub(crate) async fn reload(asked: Asked<'_>) -> Outcome {
    with_module(&asked, "module.reload").await
}

async fn with_module(asked: &Asked<'_>, command: &'static str) -> Outcome {
    let id = asked.data.id("id")?;
    let pbx = asked.app.pbx();
    let instance = pbx.default_instance().await?.id;
    let found = pbx.object(instance, &CONFIGURATION, NodeId(id)).await;
    let object = match found {
        Ok(object) => object,
        Err(Error::NotFound { .. }) => {
            return Err(Refusal::new("not_found", "configuration not found").into());
        }
        Err(error) => return Err(error.into()),
    };
    let name = object.name();
    let module = Known::of(&name).and_then(|known| known.module);
    match (module, command) {
        (Some(module), command) => run(asked, command, &[("module", module)]).await,
        // The core reads it: its access lists by a command of their own, everything else with all.
        (None, "module.reload") if name.eq_ignore_ascii_case("acl.conf") => {
            run(asked, "reloadacl", &[]).await
        }
        (None, "module.reload") => run(asked, "reloadxml", &[]).await,
        (None, _) => {
            let text = "FreeSWITCH itself reads this configuration; there is no module to load or unload";
            Err(Refusal::new("wrong_data", text).into())
        }
    }
}

/// Starts, stops, restarts or rescans a SIP profile, or starts or kills one of its gateways.
pub(crate) async fn sofia(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let action = asked.data.needed("name")?;
    let command = match action {
        "start" => "sofia.start",
        "stop" => "sofia.stop",
        "restart" => "sofia.restart",
        "rescan" => "sofia.rescan",
        "startgw" => "sofia.startgw",
        "killgw" => "sofia.killgw",
        _ => return Err(Refusal::new("wrong_data", "unknown command").into()),
    };
    let pbx = asked.app.pbx();
    let sofia = pbx.sofia().await;
    let profile = sofia.profiles.iter().find(|profile| profile.id == NodeId(id));
    let profile = profile.ok_or(Refusal::new("not_found", "profile not found"))?;
    let names = |text: &str| pbx.expanded(text);
    let profile_name = names(&profile.name);
    if !command.ends_with("gw") {
        return run(&asked, command, &[("profile", &profile_name)]).await;
    }
    let id = asked.data.id("id_int").map_err(|_| Refusal::new("wrong_data", "empty data"))?;
    let gateway =
        sofia.gateways.iter().find(|gateway| gateway.id == NodeId(id) && gateway.profile == profile.id);
    let gateway = gateway.ok_or(Refusal::new("not_found", "gateway not found"))?;
    run(&asked, command, &[("profile", &profile_name), ("gateway", &names(&gateway.name))]).await
}

/// Loads, reloads or unloads a queue of the call centre.
pub(crate) async fn callcenter(asked: Asked<'_>) -> Outcome {
    let id = asked.data.id("id")?;
    let command = match asked.data.needed("name")? {
        "load" => "callcenter.queue.load",
        "reload" => "callcenter.queue.reload",
        "unload" => "callcenter.queue.unload",
        _ => return Err(Refusal::new("wrong_data", "unknown command").into()),
    };
    let pbx = asked.app.pbx();
    let queue = pbx.queue_name(NodeId(id)).await?.ok_or(Refusal::new("not_found", "queue not found"))?;
    run(&asked, command, &[("queue", &queue)]).await
}

/// What a typed line prints.
pub(crate) async fn fs_cli(asked: Asked<'_>) -> Outcome {
    let Ok(line) = asked.data.needed("name") else {
        return Err(Refusal::new("wrong_data", "empty command").into());
    };
    let (pbx, session) = (asked.app.pbx(), &asked.caller()?.session);
    let driven = pbx.current_switch().map_err(|error| no_connection(error, "no esl connection"))?;
    match pbx.fs_cli(&asked.by()?, session, &driven.key, line).await {
        Ok(printed) => Ok(Reply::empty().with("response", printed.text).with("cut", printed.cut)),
        Err(error @ Error::Switch(_)) => Err(failed(error, "no esl connection")),
        Err(error) => Err(error.into()),
    }
}

async fn run(asked: &Asked<'_>, command: &str, values: &[(&str, &str)]) -> Outcome {
    let pbx = asked.app.pbx();
    let driven = pbx.connected_switch().map_err(|error| no_connection(error, "no ECL connection"))?;
    match pbx.command(&asked.by()?, &driven.key, command, values).await {
        Ok(reply) => Ok(Reply::empty().with("response", reply.trim())),
        Err(error) => Err(failed(error, "no ECL connection")),
    }
}

fn no_connection(error: Error, text: &'static str) -> Stop {
    match error {
        // What is in the way is in `daemon`.
        Error::NoSwitch { .. } => Refusal::new("no_switch", text).into(),
        error => error.into(),
    }
}

fn failed(error: Error, text: &'static str) -> Stop {
    match error {
        Error::Switch(CommandError::NotSent { .. }) => {
            Refusal::new("no_switch", text).detailed(error.to_string()).into()
        }
        error => no_connection(error, text),
    }
}
