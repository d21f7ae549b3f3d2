//! A connection as others see it: who it is bound to, what it wants to hear of, and the queue to it.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use custompbx_pbx::account::Session;
use custompbx_store::SessionId;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};

use crate::access::permit;
use crate::messages::push::Rule;

/// One connection.
pub(crate) struct Peer {
    pub(super) out: mpsc::Sender<Utf8Bytes>,
    /// The token of the session whose page opened it: for messages that show none.
    session: Option<String>,
    state: Mutex<State>,
    /// There is something to be sent as soon as there is room for it.
    pub(super) owing: Notify,
}

#[derive(Default)]
struct State {
    bound: Option<Bound>,
    /// Replaced by each list of subscriptions.
    temporary: BTreeSet<&'static str>,
    /// Only added to.
    persistent: BTreeSet<&'static str>,
    /// Subscriptions that missed something.
    behind: BTreeSet<&'static str>,
    /// How the server is was not told.
    state_missed: bool,
    /// It was not told that it lost its identity.
    loss_untold: bool,
}

/// Who a connection is: whoever showed a token on it first, by the token that was shown last.
struct Bound {
    session: Session,
    token: String,
}

/// What a connection is still to be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owed {
    /// That it lost its identity.
    Loss,
    /// How the server is.
    State,
    /// That it missed something of this subscription.
    Resync(&'static str),
}

/// One of the two sets of names that a connection subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// What the page that is shown needs; replaced as a whole.
    Temporary,
    /// What is wanted whichever page is shown; added to.
    Persistent,
}

impl State {
    fn forget(&mut self) {
        self.bound = None;
        self.temporary.clear();
        self.persistent.clear();
        self.behind.clear();
    }

    fn wants(&self, rule: &Rule) -> bool {
        (self.temporary.contains(rule.name) || self.persistent.contains(rule.name))
            && self.bound.as_ref().is_some_and(|bound| permit(&bound.session, rule.role, rule.scope).is_ok())
    }

    fn is_session(&self, id: SessionId) -> bool {
        self.bound.as_ref().is_some_and(|bound| bound.session.id == id)
    }
}

impl Peer {
    pub(super) fn new(out: mpsc::Sender<Utf8Bytes>, session: Option<String>) -> Self {
        Self { out, session, state: Mutex::default(), owing: Notify::new() }
    }

    /// The token of the session whose page opened it.
    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Binds the connection to whose token was shown; `false` when it is somebody else's.
    pub(crate) fn bind(&self, session: &Session, token: &str) -> bool {
        let mut state = self.state();
        match &state.bound {
            Some(bound) if bound.session.user.id != session.user.id => return false,
            Some(_) => {}
            // What somebody else subscribed to is not theirs.
            None => state.forget(),
        }
        state.bound = Some(Bound { session: session.clone(), token: token.to_owned() });
        true
    }

    /// Binds the connection to who signed in on it, whoever it was bound to.
    pub(crate) fn rebind(&self, session: &Session, token: &str) {
        if !self.bind(session, token) {
            self.state().forget();
            self.bind(session, token);
        }
    }

    /// A token that does not count was shown. The one of the connection itself ends what it stands for.
    pub(crate) fn refused(&self, token: Option<&str>) {
        let mut state = self.state();
        state.temporary.clear();
        if token.is_some() && state.bound.as_ref().map(|bound| bound.token.as_str()) == token {
            state.forget();
        }
    }

    /// Ends the identity and all subscriptions.
    pub(crate) fn release(&self) {
        self.state().forget();
    }

    /// Subscribes the connection, if it still has the session that asked for it.
    pub(crate) fn subscribe(&self, by: SessionId, set: Set, names: impl IntoIterator<Item = &'static str>) {
        let mut state = self.state();
        if !state.is_session(by) {
            return;
        }
        match set {
            Set::Temporary => state.temporary = names.into_iter().collect(),
            Set::Persistent => state.persistent.extend(names),
        }
    }

    /// Adds a name to the temporary ones; whether it was not there.
    pub(crate) fn keep(&self, by: SessionId, name: &'static str) -> bool {
        let mut state = self.state();
        state.is_session(by) && state.temporary.insert(name)
    }

    /// Ends one subscription, or all temporary ones.
    pub(crate) fn unsubscribe(&self, name: Option<&str>) {
        let mut state = self.state();
        match name {
            Some(name) => {
                state.temporary.remove(name);
                state.persistent.remove(name);
            }
            None => state.temporary.clear(),
        }
    }

    /// The session that it is bound to, and when that ends.
    pub(super) fn bound(&self) -> Option<(SessionId, i64)> {
        self.state().bound.as_ref().map(|bound| (bound.session.id, bound.session.expires_at))
    }

    /// What it subscribed to.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let state = self.state();
        state.temporary.union(&state.persistent).copied().collect()
    }

    /// Takes the identity, if the session is gone, or is another user's or another role's than it was.
    pub(super) fn compare(&self, id: SessionId, left: Option<&Session>) {
        let mut state = self.state();
        // Somebody signed in meanwhile.
        let Some(bound) = state.bound.as_mut().filter(|bound| bound.session.id == id) else { return };
        match left {
            Some(left) if left.user.role == bound.session.user.role => bound.session = left.clone(),
            _ => {
                state.forget();
                state.loss_untold = true;
                self.owing.notify_one();
            }
        }
    }

    /// Sends a push, if it is wanted and allowed; whether it was sent.
    pub(super) fn push(&self, rule: &Rule, text: &Utf8Bytes) -> bool {
        let mut state = self.state();
        // Whoever missed one is told to read again, which is better than all of them.
        if !state.wants(rule) || state.behind.contains(rule.name) {
            return false;
        }
        match self.out.try_send(text.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                state.behind.insert(rule.name);
                self.owing.notify_one();
                false
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }

    /// Sends how the server is; whether it was sent.
    pub(super) fn tell_state(&self, text: &Utf8Bytes) -> bool {
        match self.out.try_send(text.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.state().state_missed = true;
                self.owing.notify_one();
                false
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }

    /// Has it read again what it subscribed to: these names, or all.
    pub(super) fn resync(&self, names: Option<&[&'static str]>) {
        let mut state = self.state();
        let subscribed: Vec<&'static str> = state.temporary.union(&state.persistent).copied().collect();
        let missed = subscribed.into_iter().filter(|name| names.is_none_or(|names| names.contains(name)));
        state.behind.extend(missed);
        if !state.behind.is_empty() {
            self.owing.notify_one();
        }
    }

    /// The next thing that it is still to be told.
    pub(super) fn owed(&self) -> Option<Owed> {
        let mut state = self.state();
        if std::mem::take(&mut state.loss_untold) {
            return Some(Owed::Loss);
        }
        if std::mem::take(&mut state.state_missed) {
            return Some(Owed::State);
        }
        while let Some(name) = state.behind.pop_first() {
            if state.temporary.contains(name) || state.persistent.contains(name) {
                return Some(Owed::Resync(name));
            }
        }
        None
    }
}
