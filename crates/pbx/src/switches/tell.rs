//! Telling others what goes on in a switch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use custompbx_switch::live::Told;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

use super::Driven;
use crate::Pbx;
use crate::dialplan::Mode;
use crate::feed::Event;

/// Changes are told together that come in this time: nobody sees more of them than that, and fifty who watch twenty
/// thousand events a second get ten messages a second each.
const TOGETHER: Duration = Duration::from_millis(100);
/// How often it is looked whether a context is checked.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What changed in a switch, for those who show it.
#[derive(Clone, Debug)]
pub struct LiveChange {
    /// What it is called here.
    pub switch: String,
    /// The number of the last change before these.
    pub after: u64,
    /// The number of the last of these.
    pub seq: u64,
    /// The rows that changed; `None` when that is too much to tell: then everything is to be read again.
    pub rows: Option<Vec<Told>>,
}

impl Pbx {
    /// Tells what changes in a switch, and how its connection is; does not end.
    pub(super) async fn follow_live(&self, driven: &Arc<Driven>) {
        let mut changes = driven.supervisor.changes();
        let mut status = driven.supervisor.status_changes();
        loop {
            let of_status = tokio::select! {
                changed = changes.changed() => match changed {
                    Ok(()) => false,
                    Err(_) => return,
                },
                changed = status.changed() => match changed {
                    Ok(()) => true,
                    Err(_) => return,
                },
            };
            if of_status {
                status.mark_unchanged();
                self.0.feed.send(Event::SwitchChanged { switch: driven.key.clone() });
                continue;
            }
            sleep(TOGETHER).await;
            changes.mark_unchanged();
            let (after, seq, rows) = driven.supervisor.tell_changes().await;
            if rows.as_ref().is_none_or(|rows| !rows.is_empty()) {
                let change = LiveChange { switch: driven.key.clone(), after, seq, rows };
                self.0.feed.send(Event::Live(Arc::new(change)));
            }
        }
    }

    /// Compares what a switch executes with what evaluations came to, as long as a context is checked; does not end.
    pub(super) async fn follow_executions(&self, driven: &Arc<Driven>) {
        let mut executed = driven.supervisor.executions();
        loop {
            driven.supervisor.want_executions(self.has_checked_contexts(driven));
            tokio::select! {
                one = executed.recv() => match one {
                    Ok(one) => self.dialplan_executed(&one.uuid, &one.application),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    fn has_checked_contexts(&self, driven: &Driven) -> bool {
        let modes: BTreeMap<i64, _> = self.0.dialplans.modes();
        let instance = self.instance_of(driven);
        instance.and_then(|instance| modes.get(&instance.0)).is_some_and(|modes| modes.has(Mode::Checked))
    }
}
