//! How the machine and the switch are.

mod machine;
mod sofia;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::Pbx;
use crate::error::{Result, chain};

pub use machine::{EVERY, Reading};
pub use sofia::{Gateway, Profile, Running, Sofia};

use machine::Machine;

/// Everything at once.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// The machine.
    pub reading: Arc<Reading>,
    /// What the switch does.
    pub calls: Busy,
    /// What `sofia.conf` holds, and how that is in the switch.
    pub sofia: Sofia,
}

/// What a switch does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// Registrations of each domain that is served, and of each other one that has some.
    pub registrations: BTreeMap<String, usize>,
    /// Legs of calls.
    pub channels: usize,
    /// Those that are answered.
    pub answered: usize,
}

/// What is kept for the next one who asks.
pub(crate) struct Watched {
    machine: Machine,
    /// With the revision that it was read at.
    sofia: Mutex<Option<(i64, Arc<Sofia>)>>,
}

impl Watched {
    pub(crate) fn new(data_dir: &std::path::Path) -> Self {
        Self { machine: Machine::new(data_dir), sofia: Mutex::default() }
    }
}

impl Pbx {
    /// The machine, and the switch of the configuration.
    pub async fn dashboard(&self) -> Dashboard {
        Dashboard { reading: self.reading().await, calls: self.busy(), sofia: self.live_sofia().await }
    }

    /// What the switch of the configuration does; its numbers are lengths of what it told.
    pub fn busy(&self) -> Busy {
        let mut busy = Busy::default();
        busy.registrations.extend(self.domains().into_iter().map(|domain| (domain, 0)));
        let Ok(driven) = self.current_switch() else { return busy };
        let live = driven.supervisor.live();
        for (domain, count) in live.registrations_per_realm() {
            *busy.registrations.entry(domain.to_owned()).or_default() += count;
        }
        let calls = live.calls();
        (busy.channels, busy.answered) = (calls.total, calls.answered);
        busy
    }

    /// [`Pbx::sofia`] with what the switch of the configuration says of it.
    pub async fn live_sofia(&self) -> Sofia {
        let mut sofia = (*self.sofia().await).clone();
        let Ok(driven) = self.current_switch() else { return sofia };
        sofia.enliven(&driven.supervisor.live(), |text| self.expanded(text));
        sofia
    }

    /// The machine, as it was at most [`EVERY`] ago.
    pub async fn reading(&self) -> Arc<Reading> {
        self.0.watched.machine.read(self.now()).await
    }

    /// The names of the domains of the default instance that are served, as far as their variables are known.
    pub fn domains(&self) -> Vec<String> {
        let Some(snapshot) = self.snapshot() else { return Vec::new() };
        let Some(instance) = snapshot.instances.get(&snapshot.default_instance) else { return Vec::new() };
        let domains = instance.directory.domains.iter();
        domains.map(|domain| self.expanded(&domain.name)).collect()
    }

    /// The profiles and gateways of `sofia.conf` in the default instance. While the database is away, those of before.
    pub async fn sofia(&self) -> Arc<Sofia> {
        let revision = self.snapshot().map_or(0, |snapshot| snapshot.revision);
        let mut known = self.0.watched.sofia.lock().await;
        if let Some((at, sofia)) = &*known
            && *at == revision
        {
            return sofia.clone();
        }
        match self.read_sofia().await {
            Ok(sofia) => {
                let sofia = Arc::new(sofia);
                *known = Some((revision, sofia.clone()));
                sofia
            }
            Err(error) => {
                tracing::debug!(
                    error = chain(&error),
                    "the SIP profiles cannot be read; showing those of before"
                );
                known.as_ref().map(|(_, sofia)| sofia.clone()).unwrap_or_default()
            }
        }
    }

    async fn read_sofia(&self) -> Result<Sofia> {
        let store = self.store()?;
        let instance = self.default_instance().await?;
        Ok(match crate::browse::document(&store, instance.id, "sofia.conf").await? {
            Some(document) => Sofia::of(&document),
            None => Sofia::default(),
        })
    }
}
