//! Answering a call with the actions that apply.

use std::sync::Arc;

use custompbx_dialplan::{Call, Detail, Outcome};
use custompbx_xmlcurl::{Question, Selected, Snapshot};
use metrics::counter;

use super::compiled::Dialplan;
use super::{Mode, debug};
use crate::Pbx;

/// Counts answers to calls in contexts that are evaluated, by what came of them.
const ANSWERS: &str = "custompbx_dialplan_answers_total";

impl Pbx {
    /// The answer to a call in a context that is evaluated, and could be. `None`: answer with what is stored.
    pub(crate) fn evaluated(&self, question: &Question<'_>, snapshot: &Snapshot) -> Option<Vec<u8>> {
        if self.0.dialplans.is_empty() || !question.section().eq_ignore_ascii_case("dialplan") {
            return None;
        }
        // Without the profile that is being routed nothing can be evaluated.
        question.text("Hunt-Context")?;
        let selected = Selected::of(question, snapshot)?;
        let dialplan = self.0.dialplans.of(selected.instance.id)?;
        let name = selected.document.node.attribute("name").unwrap_or_default();
        let mode = dialplan.modes.of(name);
        if mode == Mode::Whole {
            return None;
        }
        let count = |outcome: &'static str| counter!(ANSWERS, "outcome" => outcome).increment(1);
        // Not compiled yet as it is served.
        let compiled = dialplan.find(selected.document).filter(|_| dialplan.is_of(selected.instance));
        let Some(compiled) = compiled else {
            count("not_compiled");
            return None;
        };
        let call = call(question, &dialplan)?;
        if let Some(value) = &call.ambiguous {
            count("ambiguous");
            if self.is_debugging() {
                self.publish("[Dialplan] Debug", debug::ambiguous(value));
            }
            self.notice_whole(name, "the context", "a value of the request cannot be read with certainty");
            return None;
        }
        let detail = if self.is_debugging() { Detail::Trace } else { Detail::Result };
        let outcome = compiled.context.evaluate(&call, detail);
        if detail == Detail::Trace {
            self.publish("[Dialplan] Debug", debug::members(&outcome));
        }
        let told = outcome.answer(&compiled.context, &call);
        if let Err(why) = &told {
            match &outcome.undecidable {
                Some(undecidable) => {
                    count("undecidable");
                    self.notice_whole(name, &undecidable.place.to_string(), undecidable.why.kind());
                }
                None => {
                    count("untold");
                    self.notice_whole(name, "the context", why.as_str());
                }
            }
        }
        if mode == Mode::Checked {
            if told.is_ok() {
                count("checked");
                self.expect(question, selected.instance.id, name, &outcome);
            }
            return None;
        }
        let answer = selected.instead(&told.ok()?);
        count(if answer.is_some() { "evaluated" } else { "untold" });
        answer
    }

    /// Says, not too often, that a call got the whole context. Nothing of the call is in it.
    fn notice_whole(&self, context: &str, place: &str, why: &str) {
        if self.0.questions.first(format!("whole {context} {place} {why}")) {
            tracing::info!(
                context,
                place,
                why,
                "a call was answered with the whole context, so that the switch decides"
            );
        }
    }

    fn expect(&self, question: &Question<'_>, instance: i64, context: &str, outcome: &Outcome) {
        let Some(uuid) = question.text("Unique-ID") else { return };
        self.0.expected.add(&uuid, instance, context, outcome, self.now());
    }
}

/// The call that a question is about.
fn call(question: &Question<'_>, dialplan: &Arc<Dialplan>) -> Option<Call> {
    let mut call = Call::from_form(question.fields()).ok()?;
    call.globals = dialplan.globals.clone();
    // Without a document of its own the switch reads a file that is not known here.
    call.timezones = dialplan.timezones.clone().unwrap_or_default();
    Some(call)
}
