//! All connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use custompbx_pbx::account::Session;
use custompbx_store::SessionId;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::timeout;

use super::figures::Figures;
use super::peer::Peer;
use crate::messages::push::Rule;

/// How long connections may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// The connections, and what is counted of them.
pub(crate) struct Sockets {
    peers: RwLock<BTreeMap<u64, Arc<Peer>>>,
    slots: Arc<Semaphore>,
    most: usize,
    closing: watch::Sender<bool>,
    /// The state that all were told last.
    told: Mutex<Option<Utf8Bytes>>,
    pub(crate) figures: Figures,
}

/// The room for one connection.
pub(super) type Slot = OwnedSemaphorePermit;

/// A connection is among all of them as long as this lives.
pub(super) struct Entered<'s> {
    sockets: &'s Sockets,
    number: u64,
    pub(super) peer: Arc<Peer>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.sockets.peers.write().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
        self.sockets.figures.active.decrement(1.0);
    }
}

impl Sockets {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            peers: RwLock::default(),
            slots: Arc::new(Semaphore::new(most)),
            most,
            closing: watch::channel(false).0,
            told: Mutex::default(),
            figures: Figures::default(),
        }
    }

    /// Room for one connection more, unless there is none or the server stops.
    pub(super) fn slot(&self) -> Option<Slot> {
        if *self.closing.borrow() {
            return None;
        }
        self.slots.clone().try_acquire_owned().ok()
    }

    /// Takes a connection in; what is put into `out` is sent to it.
    pub(super) fn enter(&self, out: mpsc::Sender<Utf8Bytes>, session: Option<String>) -> Entered<'_> {
        let peer = Arc::new(Peer::new(out, session));
        let mut peers = self.peers.write().unwrap_or_else(PoisonError::into_inner);
        let number = peers.last_key_value().map_or(0, |(last, _)| last + 1);
        peers.insert(number, peer.clone());
        self.figures.active.increment(1.0);
        Entered { sockets: self, number, peer }
    }

    /// Becomes true when the server stops.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends all connections, and waits until they have ended, for a while.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let most = u32::try_from(self.most).unwrap_or(u32::MAX);
        if timeout(GRACE, self.slots.acquire_many(most)).await.is_err() {
            tracing::warn!("some WebSocket connections did not end in time");
        }
    }

    /// Sends a push to those who subscribed to it and may have it.
    pub(crate) fn push(&self, rule: &Rule, text: &Utf8Bytes) {
        let pushed = self.peers().values().filter(|peer| peer.push(rule, text)).count();
        self.figures.broadcasts.up(u64::try_from(pushed).unwrap_or_default());
    }

    /// Sends how the server is to everybody.
    pub(crate) fn tell_state(&self, text: &Utf8Bytes) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).replace(text.clone());
        // A switch that is away is tried again and again, which is no news.
        if told.as_ref() == Some(text) {
            return;
        }
        let pushed = self.peers().values().filter(|peer| peer.tell_state(text)).count();
        self.figures.broadcasts.up(u64::try_from(pushed).unwrap_or_default());
    }

    /// Has those who subscribed to one of these read again what they have; without names, whatever they subscribed to.
    pub(crate) fn resync(&self, names: Option<&[&'static str]>) {
        self.peers().values().for_each(|peer| peer.resync(names));
    }

    /// The names that somebody subscribed to.
    pub(crate) fn names(&self) -> BTreeSet<&'static str> {
        self.peers().values().flat_map(|peer| peer.names()).collect()
    }

    /// The sessions that connections are bound to; with a time, only those that end by then.
    pub(crate) fn sessions(&self, until: Option<i64>) -> Vec<SessionId> {
        let bound = self.peers();
        let bound = bound.values().filter_map(|peer| peer.bound());
        let mut ids: Vec<SessionId> = bound
            .filter(|(_, expires_at)| until.is_none_or(|until| *expires_at <= until))
            .map(|(id, _)| id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Takes the identity from those connections whose session is one of `asked` and is not left.
    pub(crate) fn compare(&self, asked: &[SessionId], left: &[Session]) {
        let left: BTreeMap<SessionId, &Session> = left.iter().map(|session| (session.id, session)).collect();
        for peer in self.peers().values() {
            if let Some((id, _)) = peer.bound()
                && asked.binary_search(&id).is_ok()
            {
                peer.compare(id, left.get(&id).copied());
            }
        }
    }

    /// What is counted, as the reference implementation shows it.
    pub(super) fn shown(&self) -> Value {
        json!({
            "active": self.peers().len(),
            "broadcasts": self.figures.broadcasts.value(),
            "queue_overflows": self.figures.overflows.value(),
            "failed_writes": self.figures.failed_writes.value(),
            "handler_failures": self.figures.handler_failures.value(),
            "shutting_down": *self.closing.borrow(),
        })
    }

    fn peers(&self) -> RwLockReadGuard<'_, BTreeMap<u64, Arc<Peer>>> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner)
    }
}
