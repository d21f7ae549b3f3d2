//! What is wrong in a dialplan, and what of it only the switch can decide.

use std::collections::HashSet;
use std::sync::Arc;

use custompbx_dialplan::check::{Problem, Severity};
use custompbx_dialplan::trace::{ConditionTrace, TestTrace};
use custompbx_dialplan::{Call, Context, Detail};
use custompbx_model::declare::{self, Finding};
use custompbx_model::{Edit, NodeId, Part};
use custompbx_store::{InstanceId, Store};
use custompbx_xmlcurl::snapshot::{Document, Instance};

use super::compiled::Dialplan;
use super::{Mode, Modes};
use crate::Pbx;
use crate::error::{Error, Result};

/// What is to be said of one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its name.
    pub context: String,
    /// How it is served.
    pub mode: Mode,
    /// How many extensions it has.
    pub extensions: usize,
    /// What is wrong, in the order of the extensions.
    pub remarks: Vec<Remark>,
    /// What makes calls get the whole context, because only the switch can decide it.
    pub undecidable: Vec<Remark>,
}

/// Something about a place in a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// `notice`, `warning` or `error`.
    pub severity: &'static str,
    /// The extension.
    pub extension: String,
    /// The node that it is about.
    pub node: NodeId,
    /// The attribute, or the element itself when this is empty.
    pub attribute: &'static str,
    /// Where in the attribute, in bytes.
    pub position: Option<usize>,
    /// A sentence without its full stop.
    pub message: String,
    /// The extension before it that takes every call.
    behind: Option<NodeId>,
}

impl Pbx {
    /// What is wrong in the contexts of an instance as they are served, or in one of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the instance and the context.
    pub async fn check_dialplan(&self, instance: &str, context: Option<&str>) -> Result<Vec<Checked>> {
        let id = self.instance(instance).await?.id;
        let modes = self.dialplan_settings(id).await?.modes;
        let served = self.served_instance(id)?;
        let before = self.0.dialplans.of(id.0);
        let all = crate::blocking::run("check the dialplan", move || {
            checked(&Dialplan::of(&served, modes, before.as_deref()))
        });
        let mut all = all.await?;
        if let Some(name) = context {
            all.retain(|checked| checked.context.eq_ignore_ascii_case(name));
            if all.is_empty() {
                return Err(Error::NotFound { what: "context", name: name.to_owned() });
            }
        }
        Ok(all)
    }

    /// An instance as it is served.
    pub(super) fn served_instance(&self, id: InstanceId) -> Result<Arc<Instance>> {
        let served = self.snapshot().and_then(|snapshot| snapshot.instances.get(&id.0).cloned());
        served.ok_or_else(|| Error::NotFound { what: "served instance", name: id.to_string() })
    }

    /// What is to be said of extensions that edits touched, after they are served.
    pub(crate) async fn remarks_on(&self, instance: InstanceId, touched: Touched) -> Vec<Finding> {
        let Ok(served) = self.served_instance(instance) else { return Vec::new() };
        let Some(section) = served.sections.get("dialplan") else { return Vec::new() };
        let is_touched = |document: &&Arc<Document>| {
            &*document.node.tag == "context" && touched.documents.contains(&document.id)
        };
        let documents: Vec<NodeId> =
            section.documents.iter().filter(is_touched).map(|document| document.id).collect();
        if documents.is_empty() {
            return Vec::new();
        }
        let (before, checked) = (self.0.dialplans.of(instance.0), self.0.dialplans.checked());
        let pbx = self.clone();
        let found = crate::blocking::run("check the dialplan", move || {
            let before = before.or(checked);
            let dialplan = Arc::new(Dialplan::of(&served, Modes::default(), before.as_deref()));
            pbx.0.dialplans.keep_checked(&dialplan);
            let contexts: Vec<Arc<Context>> = dialplan.contexts().cloned().collect();
            let mut found = Vec::new();
            for context in contexts.iter().filter(|context| documents.contains(&context.node())) {
                found.extend(of_touched(context, &contexts, &touched.nodes));
            }
            found
        });
        found.await.unwrap_or_default()
    }
}

/// What is wrong in the contexts of an instance as they are stored, without what is disabled.
///
/// # Errors
/// Those of the database.
pub async fn check_stored(store: &Store, instance: InstanceId) -> Result<Vec<Checked>> {
    Ok(checked(&Dialplan::stored(store, instance).await?))
}

fn checked(dialplan: &Dialplan) -> Vec<Checked> {
    let contexts: Vec<Arc<Context>> = dialplan.contexts().cloned().collect();
    let checked = contexts.iter().map(|context| Checked {
        context: context.name().to_owned(),
        mode: dialplan.modes.of(context.name()),
        extensions: context.extensions().len(),
        remarks: remarks(context, &contexts, |_| true),
        undecidable: undecidable(context),
    });
    checked.collect()
}

/// What edits were about.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    documents: Vec<NodeId>,
    nodes: HashSet<NodeId>,
}

impl Touched {
    /// By the edits; what they did is added afterwards.
    pub(crate) fn by(edits: &[Edit]) -> Self {
        let node = |edit: &Edit| match edit {
            Edit::Insert { parent: id, .. }
            | Edit::Restore { parent: id, .. }
            | Edit::Update { id, .. }
            | Edit::Enable { id, .. }
            | Edit::Move { id, .. }
            | Edit::Delete { id } => *id,
        };
        Self { documents: Vec::new(), nodes: edits.iter().map(node).collect() }
    }

    /// What came of them.
    pub(crate) fn and(mut self, parts: &[Part], inserted: &[NodeId]) -> Self {
        self.documents.extend(parts.iter().filter_map(|part| match part {
            Part::Document { id } => Some(*id),
            _ => None,
        }));
        self.nodes.extend(inserted);
        self
    }
}

fn of_touched(context: &Context, contexts: &[Arc<Context>], nodes: &HashSet<NodeId>) -> Vec<Finding> {
    let mut touched = HashSet::new();
    let mut all = HashSet::new();
    for extension in context.extensions() {
        let mut below = Vec::new();
        extension.node().walk(&mut |node| below.push(node.id));
        if below.iter().any(|id| nodes.contains(id)) {
            touched.insert(extension.node().id);
            all.extend(below);
        }
    }
    if touched.is_empty() {
        return Vec::new();
    }
    let is_about = |remark: &Remark| {
        all.contains(&remark.node) || remark.behind.is_some_and(|before| touched.contains(&before))
    };
    let shown = |remark: Remark| {
        let place =
            if remark.attribute.is_empty() { String::new() } else { format!("/{}", remark.attribute) };
        let position = remark.position.map(|at| format!(" (at byte {at})")).unwrap_or_default();
        Finding {
            severity: declare::Severity::Warning,
            path: format!("dialplan/{}/{}{place}", context.name(), remark.extension),
            message: format!("{}{position}", remark.message),
        }
    };
    let is_touched = |id: NodeId| all.contains(&id);
    remarks(context, contexts, is_touched).into_iter().filter(is_about).map(shown).collect()
}

/// What is wrong in a context; where transfers of it lead is looked at for the actions that are wanted only, since each
/// of them is a hunt.
fn remarks(context: &Context, contexts: &[Arc<Context>], wanted: impl Fn(NodeId) -> bool) -> Vec<Remark> {
    let mut all: Vec<Remark> = context
        .findings()
        .into_iter()
        .map(|finding| Remark {
            severity: match finding.severity {
                Severity::Notice => "notice",
                Severity::Warning => "warning",
                Severity::Error => "error",
            },
            extension: finding.extension,
            node: finding.node,
            attribute: finding.attribute,
            position: finding.position,
            message: finding.problem.to_string(),
            behind: match finding.problem {
                Problem::Unreachable { after, .. } => Some(after),
                _ => None,
            },
        })
        .collect();
    for target in context.targets().into_iter().filter(|target| target.is_fixed && wanted(target.node)) {
        if let Some(message) = leads_nowhere(context, contexts, &target) {
            all.push(Remark {
                severity: "warning",
                extension: target.from,
                node: target.node,
                attribute: "data",
                position: None,
                message,
                behind: None,
            });
        }
    }
    all
}

/// Why a transfer goes where there is nothing; only where that is sure, whatever the call.
fn leads_nowhere(
    context: &Context,
    contexts: &[Arc<Context>],
    target: &custompbx_dialplan::check::Target,
) -> Option<String> {
    if target.dialplan.as_deref().is_some_and(|dialplan| !dialplan.eq_ignore_ascii_case("xml")) {
        return None;
    }
    let name = target.context.as_deref().unwrap_or(context.name());
    let call = Call::new(name, target.extension.as_str());
    let Some(chosen) = call.choose(contexts.iter().map(|context| context.name())) else {
        return Some(format!("there is no context {name}, to which {} goes", target.application));
    };
    let there = &contexts[chosen];
    let outcome = there.evaluate(&call, Detail::Trace);
    if outcome.undecidable.is_some() || outcome.extension.is_some() {
        return None;
    }
    let is_refused = |conditions: &[ConditionTrace]| {
        conditions.iter().any(|condition| condition.tests.iter().any(fails_by_number))
    };
    let extensions = &outcome.trace.extensions;
    let all_refuse = extensions.len() == there.extensions().len()
        && extensions.iter().all(|tried| is_refused(&tried.conditions));
    all_refuse.then(|| format!("no extension of the context {} takes {}", there.name(), target.extension))
}

fn fails_by_number(test: &TestTrace) -> bool {
    matches!(test, TestTrace::Regex { field, passed: false, .. }
        if field.to_str().is_some_and(|field| field.eq_ignore_ascii_case("destination_number")))
}

fn undecidable(context: &Context) -> Vec<Remark> {
    let places = context.undecidable_places().into_iter();
    places
        .map(|undecidable| Remark {
            severity: "notice",
            extension: undecidable.place.extension.clone().unwrap_or_default(),
            node: undecidable.place.node,
            attribute: undecidable.place.what,
            position: None,
            message: undecidable.why.to_string(),
            behind: None,
        })
        .collect()
}
