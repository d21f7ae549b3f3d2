//! The hunt: one call through one context, as mod_dialplan_xml does it.

mod actions;
mod inline;
mod level;
mod rules;
mod test;

pub(crate) use actions::MOST_ACTIONS;
pub(crate) use inline::{Effect, effect};

use std::time::{Duration, Instant};

use custompbx_model::NodeId;

use crate::call::Call;
use crate::context::Context;
use crate::extension::Extension;
use crate::gate::Seen;
use crate::outcome::{InlineRun, Outcome, Taken};
use crate::profile::ProfileField;
use crate::scope::Scope;
use crate::trace::{ExtensionTrace, Trace};
use crate::undecidable::{Known, Place, Undecidable, Why};
use crate::value::Value;
use crate::words::{is_true, same_word};

/// How long a hunt goes on. Each expression has a limit of its own, but a context can have thousands that come near to
/// it, and meanwhile this thread answers nobody else.
const LONGEST: Duration = Duration::from_millis(50);
/// The clock is read once in so many steps.
const LOOK_EVERY: u32 = 16;

/// How much an evaluation writes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What comes of it.
    Result,
    /// Every test on the way too.
    Trace,
}

impl Context {
    /// Hunts for the extension of a call. That this context is the one to ask is decided before ([`Call::choose`]).
    pub fn evaluate(&self, call: &Call, detail: Detail) -> Outcome {
        let mut hunt = Hunt {
            context: self,
            scope: Scope::new(call),
            traces: detail == Detail::Trace,
            actions: Vec::new(),
            inline: Vec::new(),
            first: None,
            place: At::default(),
            seen: Seen::default(),
            bytes: 0,
            begun: Instant::now(),
            steps: 0,
        };
        let mut trace = Trace::default();
        let stopped = hunt.run(&mut trace).err();
        let undecidable = stopped.map(|why| Undecidable { place: hunt.place(), why: *why });
        let (changes, variables) = hunt.scope.into_changes();
        Outcome {
            trace,
            actions: hunt.actions,
            inline: hunt.inline,
            extension: hunt.first.map(|extension| extension.name().clone()),
            changes,
            variables,
            undecidable,
        }
    }
}

/// One evaluation.
struct Hunt<'a> {
    context: &'a Context,
    scope: Scope<'a>,
    /// Whether the trace is wanted.
    traces: bool,
    actions: Vec<Taken>,
    inline: Vec<InlineRun>,
    /// The first extension that an action was reached in.
    first: Option<&'a Extension>,
    place: At<'a>,
    /// What gates saw.
    seen: Seen<'a>,
    /// How much data the actions have.
    bytes: usize,
    begun: Instant,
    /// Extensions and conditions so far.
    steps: u32,
}

/// Where the evaluation is.
#[derive(Default)]
struct At<'a> {
    extension: Option<&'a Extension>,
    condition: Vec<usize>,
    node: NodeId,
    what: &'static str,
}

impl<'a> Hunt<'a> {
    fn run(&mut self, trace: &mut Trace) -> Known<()> {
        let first = self.first()?;
        let context = self.context;
        for (number, extension) in context.extensions().iter().enumerate().skip(first) {
            self.step()?;
            if !self.traces
                && let Some(passed) = context.gates.closed(number, self.scope.profile(), &mut self.seen)
                && self.scope.capture_passed(passed)
            {
                continue;
            }
            // Rule 5.
            let matched = self.extension(extension, trace)?;
            if matched && !self.continues(extension)? {
                break;
            }
        }
        Ok(())
    }

    /// Rule 3: where the hunt begins.
    fn first(&mut self) -> Known<usize> {
        self.place.what = "auto_hunt";
        let hunts = self.scope.text("auto_hunt")?;
        if !hunts.is_some_and(|word| is_true(word.as_bytes())) {
            return Ok(0);
        }
        let Some(wanted) = self.scope.profile().get(ProfileField::DestinationNumber) else { return Ok(0) };
        for (position, extension) in self.context.extensions().iter().enumerate() {
            let Some(name) = extension.given_name() else { continue };
            if same_word(name.known()?, wanted.as_bytes()) {
                return Ok(position);
            }
        }
        Ok(0)
    }

    fn extension(&mut self, extension: &'a Extension, trace: &mut Trace) -> Known<bool> {
        self.place.extension = Some(extension);
        self.place.condition.clear();
        let mut conditions = Vec::new();
        let (context, name) = match self.traces {
            true => (self.context_shown(), extension.name().clone()),
            false => Default::default(),
        };
        let proceed = self.level(&extension.conditions, 0, &name, &mut conditions);
        if self.traces {
            trace.extensions.push(ExtensionTrace {
                node: extension.node().id,
                context,
                name,
                continues: extension.continues().map(|text| text.value().clone()),
                conditions,
                matched: proceed.as_ref().is_ok_and(|proceed| *proceed > 0),
            });
        }
        Ok(proceed? > 0)
    }

    /// The context of the profile; an inline application can change it.
    fn context_shown(&self) -> Value {
        self.scope.profile().get(ProfileField::Context).cloned().unwrap_or_else(|| self.scope.call.context())
    }

    fn continues(&mut self, extension: &Extension) -> Known<bool> {
        let Some(text) = extension.continues() else { return Ok(false) };
        (self.place.node, self.place.what) = (extension.node().id, "continue");
        Ok(is_true(text.known()?))
    }

    /// Ends a hunt that takes too long.
    fn step(&mut self) -> Known<()> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(LOOK_EVERY) && self.begun.elapsed() > LONGEST {
            return too_much("the time that all expressions take together");
        }
        Ok(())
    }

    fn at(&mut self, node: NodeId, what: &'static str) {
        (self.place.node, self.place.what) = (node, what);
    }

    fn place(&self) -> Place {
        Place {
            extension: self.place.extension.map(|extension| extension.name().to_string()),
            condition: self.place.condition.clone(),
            node: self.place.node,
            what: self.place.what,
        }
    }
}

/// For what the evaluator itself limits.
fn too_much<T>(what: &'static str) -> Known<T> {
    crate::undecidable::unknown(Why::TooMuch(what))
}
