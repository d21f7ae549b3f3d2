//! Modules that could not load because nobody answered when the switch started.
//!
//! mod_sofia and others give up at once when they get no configuration (recorded in FACTS.md), and stay away until
//! somebody loads them. So when a switch is seen for the first time since its start, what is configured to be loaded and
//! is not there is loaded once. What somebody unloads later stays away.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use custompbx_model::Node;
use custompbx_model::variables::Variables;
use custompbx_switch::command::Command;
use tokio::time::sleep;

use super::Driven;
use crate::Pbx;
use crate::error::{Result, chain};

/// How soon it is tried again where the database, or the list of modules, is not there.
const RETRY: Duration = Duration::from_secs(5);

/// The documents that say what is loaded.
const DOCUMENTS: [&str; 2] = ["modules.conf", "post_load_modules.conf"];

impl Pbx {
    /// Heals a switch each time it is seen for the first time since its start; does not end.
    pub(super) async fn follow_health(&self, driven: &Arc<Driven>) {
        let mut status = driven.supervisor.status_changes();
        let mut healed: Option<String> = None;
        loop {
            let core = {
                let status = status.borrow_and_update();
                status.is_live().then(|| status.core_uuid.clone()).flatten()
            };
            let mut again = false;
            if let Some(core) = core.filter(|core| healed.as_ref() != Some(core)) {
                learn(driven).await;
                match self.heal(driven).await {
                    Ok(true) => healed = Some(core),
                    Ok(false) => again = true,
                    Err(error) => {
                        again = true;
                        tracing::debug!(
                            switch = driven.key,
                            error = chain(&error),
                            "cannot see which modules are missing; trying again"
                        );
                    }
                }
            }
            tokio::select! {
                changed = status.changed() => if changed.is_err() { return },
                () = sleep(RETRY), if again => {}
            }
        }
    }

    /// Whether it could be seen what is missing.
    async fn heal(&self, driven: &Arc<Driven>) -> Result<bool> {
        if !self.config().freeswitch.load_missing_modules {
            return Ok(true);
        }
        let Some(instance) = self.instance_of(driven) else { return Ok(false) };
        let store = self.store()?;
        let mut wanted = BTreeSet::new();
        let mut documents = BTreeSet::new();
        for known in custompbx_model::modules::configuration::KNOWN {
            if let Some(module) = known.module
                && crate::browse::document(&store, instance, &format!("{}.conf", known.key)).await?.is_some()
            {
                documents.insert(module);
            }
        }
        for name in DOCUMENTS {
            if let Some(document) = crate::browse::document(&store, instance, name).await? {
                collect(&document, &mut wanted);
            }
        }
        let missing: Vec<String> = {
            let live = driven.supervisor.live();
            let modules = &live.tables().modules;
            if modules.is_empty() {
                // Nothing is known of them; that none is there cannot be.
                return Ok(false);
            }
            // Others than those that we answer for fail for reasons of their own.
            let ours = wanted.into_iter().filter(|module| documents.contains(&**module));
            ours.filter(|module| !modules.contains(module)).collect()
        };
        for module in missing {
            let Ok(command) = Command::of("module.load", &[("module", &module)]) else { continue };
            match driven.supervisor.commands().run(&command).await {
                Ok(_) => tracing::info!(
                    switch = driven.key,
                    module,
                    "loaded a module that was not: it had no configuration when FreeSWITCH started"
                ),
                Err(error) => tracing::warn!(
                    switch = driven.key,
                    module,
                    error = %error,
                    "a module that is configured to be loaded is not, and cannot be loaded"
                ),
            }
        }
        Ok(true)
    }
}

/// Has the switch tell the variables that it sets itself.
async fn learn(driven: &Driven) {
    let Ok(question) = Command::of("global.list", &[]) else { return };
    let Ok(text) = driven.supervisor.commands().run(&question).await else { return };
    let mut own = Variables::default();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if Variables::built_in().any(|known| known.eq_ignore_ascii_case(name)) {
            own.set(name, value);
        }
    }
    *driven.own.write().unwrap_or_else(PoisonError::into_inner) = own;
}

/// The modules that a document has loaded.
fn collect(node: &Node, modules: &mut BTreeSet<String>) {
    if !node.enabled {
        return;
    }
    if &*node.tag == "load"
        && let Some(module) = node.attribute("module")
    {
        modules.insert(module.to_owned());
    }
    node.children.iter().for_each(|child| collect(child, modules));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_disabled_is_not_missed() {
        let load = |name: &str| Node::new("load").with("module", name);
        let mut off = load("mod_b");
        off.enabled = false;
        let document = Node { children: vec![load("mod_a"), off], ..Node::new("modules") };
        let mut modules = BTreeSet::new();
        collect(&document, &mut modules);
        assert_eq!(modules.into_iter().collect::<Vec<_>>(), ["mod_a"]);
    }
}
