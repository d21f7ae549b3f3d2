//! Modules that could not load because nobody answered when the switch started.
//!
//! mod_sofia and others give up at once when they get no configuration (recorded in FACTS.md), and stay away until
//! somebody loads them. So when a switch is seen for the first time since its start, what is configured to be loaded and
//! is not there is loaded. What cannot be loaded is tried again some times, and then no more: what it needs may come up
//! later than the switch. It is remembered in which run of the switch that was done, so that what somebody unloads later
//! stays away, also when this program starts again.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use custompbx_model::Node;
use custompbx_model::variables::Variables;
use custompbx_switch::CommandError;
use custompbx_switch::command::{Command, Declared};
use tokio::time::{Instant, sleep_until};

use super::Driven;
use crate::Pbx;
use crate::error::{Result, chain};

/// How soon it is tried again where the database, or the list of modules, is not there.
const RETRY: Duration = Duration::from_secs(5);
/// How soon a module that could not be loaded is tried again; each time twice as late.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The latest.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// How often it is tried.
const MOST_TRIES: u32 = 12;

/// The documents that say what is loaded.
const DOCUMENTS: [&str; 2] = ["modules.conf", "post_load_modules.conf"];

/// What is done about one run of a switch.
struct Care {
    /// The run.
    core: String,
    /// Whether its own variables are known.
    learned: bool,
    /// What is still to be loaded; `None` before that is known.
    missing: Option<BTreeSet<String>>,
    /// How often that was tried.
    tries: u32,
    /// When it is gone on with; `None` when nothing is left to be done.
    next: Option<Instant>,
}

impl Care {
    fn of(core: String) -> Self {
        Self { core, learned: false, missing: None, tries: 0, next: Some(Instant::now()) }
    }
}

impl Pbx {
    /// Heals a switch each time it is seen for the first time since its start; does not end.
    pub(super) async fn follow_health(&self, driven: &Arc<Driven>) {
        let mut status = driven.supervisor.status_changes();
        let mut care: Option<Care> = None;
        loop {
            let core = {
                let status = status.borrow_and_update();
                status.is_live().then(|| status.core_uuid.clone()).flatten()
            };
            let mut next = None;
            if let Some(core) = core {
                let care = match &mut care {
                    Some(care) if care.core == core => care,
                    care => care.insert(Care::of(core)),
                };
                if care.next.is_some_and(|next| next <= Instant::now()) {
                    care.next = self.heal(driven, care).await.unwrap_or_else(|error| {
                        tracing::debug!(
                            switch = driven.key,
                            error = chain(&error),
                            "cannot see which modules are missing; trying again"
                        );
                        Some(Instant::now() + RETRY)
                    });
                }
                next = care.next;
            }
            tokio::select! {
                changed = status.changed() => if changed.is_err() { return },
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
        }
    }

    /// Does what can be done about a run now; when it is to be gone on with.
    async fn heal(&self, driven: &Arc<Driven>, care: &mut Care) -> Result<Option<Instant>> {
        if !care.learned {
            care.learned = learn(driven).await;
        }
        let unlearned = (!care.learned).then(|| Instant::now() + RETRY);
        if !self.config().freeswitch.load_missing_modules {
            return Ok(unlearned);
        }
        let store = self.store()?;
        let name = driven.name().to_lowercase();
        let missing = match care.missing.take() {
            Some(missing) => missing,
            None if store.healed_run(&name).await?.as_ref() == Some(&care.core) => BTreeSet::new(),
            None => match self.missing_modules(driven).await? {
                Some(missing) => missing,
                None => return Ok(Some(Instant::now() + RETRY)),
            },
        };
        let (left, sent) = load(driven, missing).await;
        care.tries += u32::from(sent);
        let is_over = left.is_empty() || care.tries >= MOST_TRIES;
        if !is_over {
            let wait = FIRST_WAIT.saturating_mul(1 << care.tries.saturating_sub(1)).min(LONGEST_WAIT);
            care.missing = Some(left);
            return Ok(Some(Instant::now() + wait));
        }
        if !left.is_empty() {
            tracing::warn!(switch = driven.key, modules = ?left, "these modules are not loaded, and not tried any more");
        }
        care.missing = Some(BTreeSet::new());
        store.set_healed_run(&name, &care.core).await?;
        Ok(unlearned)
    }

    /// The modules that are configured to be loaded, have a configuration here and are not loaded; `None` where that cannot
    /// be seen.
    async fn missing_modules(&self, driven: &Driven) -> Result<Option<BTreeSet<String>>> {
        let Some(instance) = self.instance_of(driven) else { return Ok(None) };
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
        let live = driven.supervisor.live();
        let modules = &live.tables().modules;
        if modules.is_empty() {
            // Nothing is known of them; that none is there cannot be.
            return Ok(None);
        }
        // Others than those that we answer for fail for reasons of their own.
        let ours = wanted.into_iter().filter(|module| documents.contains(&**module));
        Ok(Some(ours.filter(|module| !modules.contains(module)).collect()))
    }
}

/// Loads modules; those that are not loaded by that, and whether the switch was asked at all.
async fn load(driven: &Driven, missing: BTreeSet<String>) -> (BTreeSet<String>, bool) {
    let mut left = BTreeSet::new();
    let mut sent = false;
    for module in missing {
        let Some(declared) = Declared::find("module.load") else { continue };
        let Ok(command) = declared.with(&[("module", &module)]) else { continue };
        match driven.supervisor.commands().run(&command).await {
            Ok(_) => tracing::info!(
                switch = driven.key,
                module,
                "loaded a module that was not: it had no configuration when FreeSWITCH started"
            ),
            Err(CommandError::Refused { reply, .. }) if declared.is_moot(&reply) => {}
            Err(error) => {
                sent |= !matches!(error, CommandError::NotSent { .. });
                tracing::warn!(
                    switch = driven.key,
                    module,
                    error = %error,
                    "a module that is configured to be loaded is not, and cannot be loaded now"
                );
                left.insert(module);
            }
        }
    }
    (left, sent)
}

/// Has the switch tell the variables that it sets itself; whether it answered.
async fn learn(driven: &Driven) -> bool {
    let Ok(question) = Command::of("global.list", &[]) else { return true };
    let text = match driven.supervisor.commands().run(&question).await {
        Ok(text) => text,
        Err(error) => return matches!(error, CommandError::Refused { .. }),
    };
    let mut own = Variables::default();
    for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if Variables::built_in().any(|known| known.eq_ignore_ascii_case(name)) {
            own.set(name, value);
        }
    }
    *driven.own.write().unwrap_or_else(PoisonError::into_inner) = own;
    true
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
