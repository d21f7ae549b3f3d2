//! What FreeSWITCH asks, and what is noticed about it.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use arc_swap::ArcSwap;
use custompbx_xmlcurl::answer::NOT_FOUND;
use custompbx_xmlcurl::{Answer, BadQuestion, Notice, Question, Settings, Snapshot, answer};
use metrics::{Counter, Gauge, counter, gauge};

use crate::Pbx;
use crate::clock::Clock;

/// The same notice is logged once in this time, in milliseconds.
const QUIET_MS: i64 = 60_000;
/// Notices that are remembered.
const MOST_NOTICES: usize = 1_000;

/// The answer to a question, for the transport.
#[derive(PartialEq, Eq)]
pub enum Reply {
    /// A document for FreeSWITCH; it may be the one that says that there is nothing.
    Document(Vec<u8>),
    /// Not a question.
    Bad(BadQuestion),
    /// We cannot answer: FreeSWITCH logs it and goes to its next source.
    Failed,
}

impl fmt::Debug for Reply {
    /// Without the document: there are passwords in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(document) => write!(f, "Document({} bytes)", document.len()),
            Self::Bad(bad) => write!(f, "Bad({bad:?})"),
            Self::Failed => f.write_str("Failed"),
        }
    }
}

/// How questions are answered, and counted.
pub(crate) struct Questions {
    settings: ArcSwap<Settings>,
    clock: Clock,
    /// When each notice was last logged.
    logged: Mutex<HashMap<String, i64>>,
    found: Counter,
    not_found: Counter,
    too_large: Counter,
    bad: Counter,
    failed: Counter,
    no_secret: Counter,
    unknown_switch: Counter,
    users: Gauge,
    revision: Gauge,
    /// How many ask whether a switch asks here, and how often one did.
    looking: AtomicUsize,
    seen: AtomicUsize,
}

/// A configuration that nobody has, for which a switch is told to look to see whether it asks here.
pub(crate) const LOOKED_FOR: &str = "custompbx-doctor.conf";

impl Questions {
    pub(crate) fn new(settings: Settings, clock: Clock) -> Self {
        let questions =
            |outcome: &'static str| counter!("custompbx_xml_curl_questions_total", "outcome" => outcome);
        Self {
            settings: ArcSwap::from_pointee(settings),
            clock,
            logged: Mutex::default(),
            found: questions("found"),
            not_found: questions("not_found"),
            too_large: questions("too_large"),
            bad: questions("bad"),
            failed: questions("failed"),
            no_secret: counter!("custompbx_sip_auth_without_secret_total"),
            unknown_switch: counter!("custompbx_unknown_switch_total"),
            users: gauge!("custompbx_snapshot_users"),
            revision: gauge!("custompbx_snapshot_revision"),
            looking: AtomicUsize::new(0),
            seen: AtomicUsize::new(0),
        }
    }

    /// Answers otherwise from now on.
    pub(crate) fn set(&self, settings: Settings) {
        self.settings.store(settings.into());
    }

    /// Shows a snapshot in the metrics.
    pub(crate) fn look_at(&self, snapshot: Option<&Snapshot>) {
        if let Some(snapshot) = snapshot {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and exact up to 2^53")]
            let (users, revision) = (snapshot.users() as f64, snapshot.revision as f64);
            self.users.set(users);
            self.revision.set(revision);
        }
    }

    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::UnknownSwitch { hostname } => {
                self.unknown_switch.increment(1);
                if self.first(format!("switch {hostname}")) {
                    tracing::warn!(
                        switch = shown(hostname),
                        "a switch that is assigned to no instance was answered from the default one"
                    );
                }
            }
            Notice::NoSecret { user, domain } => {
                self.no_secret.increment(1);
                if self.first(format!("secret {user}@{domain}")) {
                    tracing::warn!(
                        user = shown(user),
                        domain = shown(domain),
                        "a user without password and a1-hash was left out of the answer to sip_auth; \
                         FreeSWITCH would have registered anybody under this name. Give it a password"
                    );
                }
            }
        }
    }

    /// Whether this was not logged in the last minute.
    pub(crate) fn first(&self, what: String) -> bool {
        let now = self.clock.now();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.len() >= MOST_NOTICES {
            logged.retain(|_, at| now - *at < QUIET_MS);
        }
        if logged.len() >= MOST_NOTICES || logged.get(&what).is_some_and(|at| now - at < QUIET_MS) {
            return false;
        }
        logged.insert(what, now);
        true
    }
}

/// Names come from SIP: no control characters, and not too long.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(120).collect()
}

impl Pbx {
    /// Answers a question of mod_xml_curl; from memory, but for calls by which somebody wants to listen in.
    pub async fn answer_call(&self, form: &[u8]) -> Reply {
        match self.listening(form).await {
            Some(document) => {
                self.0.questions.found.increment(1);
                Reply::Document(document)
            }
            None => self.answer(form),
        }
    }

    /// Answers a question of mod_xml_curl, from memory.
    pub fn answer(&self, form: &[u8]) -> Reply {
        let questions = &self.0.questions;
        let question = match Question::parse(form) {
            Ok(question) => question,
            Err(bad) => {
                questions.bad.increment(1);
                return Reply::Bad(bad);
            }
        };
        if questions.looking.load(Ordering::Relaxed) > 0
            && question.get("key_value").as_deref() == Some(LOOKED_FOR)
        {
            questions.seen.fetch_add(1, Ordering::Relaxed);
        }
        let Some(snapshot) = self.0.served.snapshot() else {
            questions.failed.increment(1);
            return Reply::Failed;
        };
        if let Some(document) = self.evaluated(&question, &snapshot) {
            questions.found.increment(1);
            return Reply::Document(document);
        }
        match answer(&question, &snapshot, &questions.settings.load(), &mut |notice| {
            questions.notice(&notice);
        }) {
            Answer::Found(document) => {
                questions.found.increment(1);
                Reply::Document(document)
            }
            Answer::NotFound => {
                questions.not_found.increment(1);
                Reply::Document(NOT_FOUND.to_vec())
            }
            Answer::TooLarge { document } => {
                questions.too_large.increment(1);
                if questions.first(format!("large {document}")) {
                    tracing::error!(
                        document,
                        limit = custompbx_xmlcurl::MAX_ANSWER,
                        "the answer is longer than FreeSWITCH takes and was refused; make the document smaller"
                    );
                }
                Reply::Failed
            }
        }
    }

    /// Whether a question for [`LOOKED_FOR`] comes while something is done.
    pub(crate) async fn is_asked_during(&self, doing: impl Future<Output = ()>) -> bool {
        let questions = &self.0.questions;
        questions.looking.fetch_add(1, Ordering::Relaxed);
        let before = questions.seen.load(Ordering::Relaxed);
        doing.await;
        let seen = questions.seen.load(Ordering::Relaxed) != before;
        questions.looking.fetch_sub(1, Ordering::Relaxed);
        seen
    }

    /// Notes that an address may not ask, or not with these credentials.
    pub fn question_refused(&self, address: IpAddr) {
        if self.0.questions.first(format!("refused {address}")) {
            tracing::warn!(%address, "questions are refused: wrong address or credentials");
        }
    }
}
