//! Whether a switch does what it would have been told to: the check before contexts are evaluated for real.
//!
//! An evaluation says which applications run, with data that the switch still expands; the switch tells which ones it
//! executes. What is compared are the names of the applications in their order, as far as they were executed: a call
//! may end before the last of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use custompbx_dialplan::Outcome;
use custompbx_store::InstanceId;
use metrics::counter;

use crate::Pbx;

/// How many calls are waited for.
const MOST_CALLS: usize = 20_000;
/// How long, in milliseconds: the first application of a call is executed right after its hunt.
const PATIENCE_MS: i64 = 10_000;
/// How many disagreements are kept for people.
const MOST_KEPT: usize = 100;

/// What evaluations came to, for calls that the switch hunts for itself.
#[derive(Default)]
pub(crate) struct Expected(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    waiting: HashMap<String, Waiting>,
    agreements: BTreeMap<(i64, String), Agreement>,
    disagreements: Vec<Executed>,
}

struct Waiting {
    instance: i64,
    context: String,
    applications: Vec<String>,
    next: usize,
    since_ms: i64,
}

/// How often a switch did what it would have been told to, in one context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Calls whose hunts were compared to the end.
    pub agreed: u64,
    /// Calls in which something else was executed.
    pub disagreed: u64,
    /// Calls of which nothing was heard.
    pub unseen: u64,
}

/// Something that was executed in the place of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// The instance's id.
    pub instance: i64,
    /// The context.
    pub context: String,
    /// The call.
    pub uuid: String,
    /// Which application of the hunt it is, from 1.
    pub place: usize,
    /// What it would have been told; none behind the last one.
    pub expected: Option<String>,
    /// What it did.
    pub executed: String,
}

impl Expected {
    pub(super) fn add(&self, uuid: &str, instance: i64, context: &str, outcome: &Outcome, now_ms: i64) {
        let applications: Vec<String> =
            outcome.applications().map(|taken| taken.application.to_string()).collect();
        if applications.is_empty() {
            // There is nothing to compare.
            return;
        }
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.waiting.len() >= MOST_CALLS || calls.waiting.contains_key(uuid) {
            calls.forget(now_ms);
        }
        if calls.waiting.len() >= MOST_CALLS {
            return;
        }
        let waiting =
            Waiting { instance, context: context.to_owned(), applications, next: 0, since_ms: now_ms };
        if let Some(before) = calls.waiting.insert(uuid.to_owned(), waiting) {
            // It was transferred: what it did before is known to be right so far.
            calls.end(&before);
        }
    }
}

impl Calls {
    /// Gives up on those of which nothing was heard for long.
    fn forget(&mut self, now_ms: i64) {
        let late: Vec<String> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| now_ms - waiting.since_ms > PATIENCE_MS)
            .map(|(uuid, _)| uuid.clone())
            .collect();
        for waiting in late.iter().filter_map(|uuid| self.waiting.remove(uuid)).collect::<Vec<_>>() {
            self.end(&waiting);
        }
    }

    fn end(&mut self, waiting: &Waiting) {
        let agreement = self.agreements.entry((waiting.instance, waiting.context.clone())).or_default();
        let seen = waiting.next > 0;
        *if seen { &mut agreement.agreed } else { &mut agreement.unseen } += 1;
    }

    fn executed(&mut self, uuid: &str, application: &str) {
        let Some(waiting) = self.waiting.get_mut(uuid) else { return };
        let expected = waiting.applications.get(waiting.next);
        waiting.next += 1;
        if expected.is_some_and(|expected| expected.eq_ignore_ascii_case(application)) {
            if waiting.next == waiting.applications.len()
                && let Some(waiting) = self.waiting.remove(uuid)
            {
                self.end(&waiting);
            }
            return;
        }
        let disagreement = Executed {
            instance: waiting.instance,
            context: waiting.context.clone(),
            uuid: uuid.to_owned(),
            place: waiting.next,
            expected: expected.cloned(),
            executed: application.to_owned(),
        };
        self.waiting.remove(uuid);
        let key = (disagreement.instance, disagreement.context.clone());
        self.agreements.entry(key).or_default().disagreed += 1;
        counter!("custompbx_dialplan_disagreements_total").increment(1);
        tracing::warn!(
            context = disagreement.context,
            uuid,
            expected = disagreement.expected.as_deref().unwrap_or("nothing"),
            executed = application,
            "the switch executed something else than the evaluation of its context came to"
        );
        if self.disagreements.len() == MOST_KEPT {
            self.disagreements.remove(0);
        }
        self.disagreements.push(disagreement);
    }
}

impl Pbx {
    /// A switch executes an application for a call, at depth 0 and not during a hunt.
    pub fn dialplan_executed(&self, uuid: &str, application: &str) {
        let mut calls = self.0.expected.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.executed(uuid, application);
    }

    /// How often the switches did what they would have been told to, by context, and the last times they did not; of an
    /// instance, or of one of its contexts.
    pub fn dialplan_agreement(
        &self,
        instance: InstanceId,
        context: Option<&str>,
    ) -> (BTreeMap<String, Agreement>, Vec<Executed>) {
        let now = self.now();
        let mut calls = self.0.expected.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.forget(now);
        let is_asked = |of: i64, name: &str| {
            of == instance.0 && context.is_none_or(|context| context.eq_ignore_ascii_case(name))
        };
        let agreements = calls.agreements.iter().filter(|((of, name), _)| is_asked(*of, name));
        let agreements = agreements.map(|((_, name), agreement)| (name.clone(), *agreement)).collect();
        let disagreements = calls.disagreements.iter().filter(|one| is_asked(one.instance, &one.context));
        (agreements, disagreements.cloned().collect())
    }
}
