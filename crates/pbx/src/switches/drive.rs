//! Keeping a supervisor for each switch.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use custompbx_switch::{Address, Supervisor, Timing};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::effects::accepted::Accepted;
use super::{Driven, address, configured};
use crate::Pbx;
use crate::error::chain;

/// How often it is looked whether another node changed event sockets.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// So many accepted offers wait to be begun.
const MOST_ACCEPTED: usize = 16;

impl Pbx {
    /// Drives the switches of the configuration and of the database until `stop` says so.
    pub async fn drive_switches(&self, stop: watch::Receiver<bool>) {
        self.drive_switches_with(Timing::default(), stop).await;
    }

    /// The same with other times, for tests that do not wait.
    pub async fn drive_switches_with(&self, timing: Timing, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        // What was known counts while the database is away.
        let mut stored = BTreeMap::new();
        loop {
            match self.event_sockets().await {
                Ok(sockets) => {
                    let named = sockets.iter().map(|socket| (socket.switch.clone(), address(socket)));
                    stored = named.collect::<BTreeMap<String, Address>>();
                }
                Err(error) if error.is_unavailable() => {}
                Err(error) => tracing::warn!(error = chain(&error), "the event sockets cannot be read"),
            }
            self.reconcile(&stored, &timing, &mut tasks);
            while tasks.try_join_next().is_some() {}
            tokio::select! {
                () = self.0.switches.changed.notified() => {}
                () = sleep(LOOK_EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        for driven in self.0.switches.all() {
            driven.stop.send_replace(true);
        }
        while tasks.join_next().await.is_some() {}
        self.0.switches.driven.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Starts and stops supervisors until there is one for each switch that is wanted.
    fn reconcile(&self, stored: &BTreeMap<String, Address>, timing: &Timing, tasks: &mut JoinSet<()>) {
        let configured = configured(&self.config());
        let mut wanted: BTreeMap<&str, (&Address, bool)> =
            stored.iter().map(|(key, address)| (&**key, (address, false))).collect();
        if let Some((key, address)) = &configured {
            wanted.insert(key, (address, true));
        }
        let mut driven = self.0.switches.driven.write().unwrap_or_else(PoisonError::into_inner);
        driven.retain(|key, one| {
            let stays =
                wanted.get(&**key).is_some_and(|(_, is_configured)| *is_configured == one.is_configured);
            if !stays {
                one.stop.send_replace(true);
            }
            stays
        });
        for (key, (address, is_configured)) in wanted {
            if let Some(known) = driven.get(key) {
                known.supervisor.set_address(address.clone());
                continue;
            }
            let clock = self.0.clock.clone();
            let supervisor = Supervisor::new(address.clone(), timing.clone(), move || clock.now());
            let (stop, stopped) = watch::channel(false);
            let (accepted, offers) = mpsc::channel(MOST_ACCEPTED);
            let one = Arc::new(Driven {
                key: key.to_owned(),
                is_configured,
                supervisor,
                own: RwLock::default(),
                accepted,
                stop,
            });
            driven.insert(key.to_owned(), one.clone());
            let pbx = self.clone();
            tasks.spawn(async move { pbx.drive(one, stopped, offers).await });
        }
    }

    /// All that is done about one switch.
    async fn drive(
        &self,
        driven: Arc<Driven>,
        stopped: watch::Receiver<bool>,
        offers: mpsc::Receiver<Accepted>,
    ) {
        let mut until = stopped.clone();
        let beside = async {
            tokio::join!(
                self.follow_effects(&driven),
                self.follow_offers(&driven, offers),
                self.follow_live(&driven),
                self.follow_executions(&driven),
                self.follow_health(&driven),
            )
        };
        tokio::select! {
            () = driven.supervisor.run(stopped) => {}
            _ = beside => {}
            _ = until.wait_for(|stop| *stop) => {}
        }
        self.0.feed.send(crate::feed::Event::SwitchChanged { switch: driven.key.clone() });
    }
}
