//! What happens here, for those who show it to people.
//!
//! An event is sent after what it tells of is true for everybody: after the commit, and after the snapshot is the new
//! one. Whoever is too slow to take them misses some, hears of that, and reads what there is.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use custompbx_store::{InstanceId, RevisionId};
use serde_json::{Map, Value};
use tokio::sync::broadcast;
use tokio::time::sleep;

use crate::Pbx;

/// Events that wait for the slowest listener.
const CAPACITY: usize = 1_024;
/// How often it is looked whether the database answers, while somebody listens.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A revision is served now, whoever wrote it.
    TreeChanged {
        /// In this instance.
        instance: InstanceId,
        /// The revision.
        revision: RevisionId,
    },
    /// Everything may be another: the database is another one, or its revisions could not be followed.
    TreeReplaced,
    /// Somebody may no longer do what they could, whoever decided it.
    AccountsChanged,
    /// The database went away, or came back.
    Database {
        /// Whether it answers.
        up: bool,
    },
    /// How the connection to a switch is changed, or what it is.
    SwitchChanged {
        /// What the switch is called here.
        switch: String,
    },
    /// Something changed in a switch.
    Live(Arc<crate::switches::LiveChange>),
    /// A switch was told of changes, or somebody decided about what was offered.
    Effects {
        /// What the switch is called here.
        switch: String,
        /// The revisions whose effects came, or are otherwise now.
        revisions: Vec<RevisionId>,
    },
    /// Something for those who subscribed to it by this name.
    Push {
        /// The name of the subscription.
        name: Cow<'static, str>,
        /// The members of the message.
        members: Arc<Map<String, Value>>,
    },
}

/// Where events are sent.
pub(crate) struct Feed(broadcast::Sender<Event>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Feed {
    pub(crate) fn send(&self, event: Event) {
        // An error means that nobody listens.
        let _ = self.0.send(event);
    }
}

impl Pbx {
    /// Listens to what happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.feed.0.subscribe()
    }

    /// Sends something to those who subscribed to it by this name, such as `[Dashboard]`.
    pub fn publish(&self, name: impl Into<Cow<'static, str>>, members: Map<String, Value>) {
        self.0.feed.send(Event::Push { name: name.into(), members: Arc::new(members) });
    }

    /// Tells of everybody who lost a right, in this process and in others; does not end.
    pub(crate) async fn follow_accounts(&self) {
        loop {
            // Only the signal is kept: a store that is let go must not be held by this.
            if let Ok(mut signal) = self.store().map(|store| store.accounts_signal()) {
                signal.mark_unchanged();
                // What happened while it was away is not told one by one.
                self.0.feed.send(Event::AccountsChanged);
                while signal.changed().await.is_ok() {
                    self.0.feed.send(Event::AccountsChanged);
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Tells when the database goes away and when it comes back; does not end.
    pub(crate) async fn follow_connection(&self) {
        let mut up = true;
        let mut failures = 0;
        loop {
            sleep(LOOK_EVERY).await;
            if self.0.feed.0.receiver_count() == 0 {
                continue;
            }
            failures = if self.is_connected().await { 0 } else { failures + 1 };
            // One question that is not answered in time may be a busy database.
            let now = failures == 0 || (up && failures < 2 && self.store().is_ok());
            if now != up {
                up = now;
                self.0.feed.send(Event::Database { up });
            }
        }
    }
}
