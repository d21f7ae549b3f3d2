//! Contexts, compiled beside the snapshot that they are served from.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use custompbx_dialplan::{Context, Globals, Timezones};
use custompbx_model::Node;
use custompbx_model::node::TEXT_TAG;
use custompbx_model::variables::Variables;
use custompbx_store::{InstanceId, Store};
use custompbx_xmlcurl::snapshot::{Document, Instance, Section};

use super::Modes;
use crate::Pbx;
use crate::blocking;
use crate::error::Result;

const SECTION: &str = "dialplan";
const CONFIGURATION: &str = "configuration";

/// The dialplans of all instances that have something to evaluate.
#[derive(Default)]
pub(crate) struct Dialplans {
    current: ArcSwap<HashMap<i64, Arc<Dialplan>>>,
    /// How contexts are served, by the instance.
    modes: Mutex<BTreeMap<i64, Modes>>,
    /// Held by whoever compiles.
    compiling: Mutex<()>,
    /// The last one that was compiled only to be checked.
    checked: Mutex<Option<Arc<Dialplan>>>,
}

/// The dialplan of one instance, compiled, with what calls share.
#[derive(Clone, Debug, Default)]
pub struct Dialplan {
    /// How its contexts are served.
    pub(super) modes: Modes,
    contexts: Vec<Compiled>,
    /// The global variables of a switch that runs.
    pub globals: Arc<Globals>,
    /// As in `timezones.conf`; none where the switch reads its own file.
    pub timezones: Option<Arc<Timezones>>,
    /// What the contexts were compiled with.
    variables: Variables,
    /// What it was made of: the variables, and the sections with the contexts and with `timezones.conf`.
    source: (Arc<Variables>, [Option<Arc<Section>>; 2]),
}

/// A context with the document that it was compiled from.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) document: Arc<Document>,
    pub(super) context: Arc<Context>,
}

impl Dialplan {
    /// That of an instance as it is stored, without what is disabled.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn stored(store: &Store, instance: InstanceId) -> Result<Self> {
        let modes = Modes::read(&store.instance_settings(instance).await?);
        let mut document = store.outline(instance).await?.node;
        document.drop_disabled();
        let served = Instance::new(instance.0, "", &document, HashMap::new());
        Ok(Self::of(&served, modes, None))
    }

    /// All contexts of an instance; those that are in `before` just so are taken from there.
    pub(super) fn of(instance: &Instance, modes: Modes, before: Option<&Self>) -> Self {
        // Most edits are about something else.
        if let Some(before) = before.filter(|before| before.is_of(instance)) {
            return Self { modes, ..before.clone() };
        }
        let none = Section::default();
        let section = instance.sections.get(SECTION).map_or(&none, |section| section);
        let contexts = section.documents.iter().filter(|document| &*document.node.tag == "context");
        let mut variables = Variables::clone(&instance.variables);
        // What calls set has no value that is known before.
        for name in contexts.clone().flat_map(|document| set_while_it_runs(&document.node)) {
            variables.command(&name, "", "exec-set");
        }
        let same_variables = before.is_some_and(|before| before.variables == variables);
        let contexts: Vec<Compiled> = contexts
            .map(|document| {
                let known = before.and_then(|before| before.by_id(document));
                let context = match known {
                    Some(known) if same_variables && Arc::ptr_eq(&known.document, document) => {
                        known.context.clone()
                    }
                    known => {
                        let known = known.map(|known| &*known.context);
                        Arc::new(Context::compile(&document.node, &variables, known))
                    }
                };
                Compiled { document: document.clone(), context }
            })
            .collect();
        Self {
            modes,
            contexts,
            globals: Arc::new(Globals::of(&variables)),
            timezones: timezones(instance).map(Arc::new),
            variables,
            source: (instance.variables.clone(), sections_of(instance)),
        }
    }

    /// Whether it was made of just what the instance holds.
    pub(super) fn is_of(&self, instance: &Instance) -> bool {
        let same = |ours: &Option<Arc<Section>>, theirs: &Option<Arc<Section>>| match (ours, theirs) {
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            (None, None) => true,
            _ => false,
        };
        let (variables, sections) = &self.source;
        Arc::ptr_eq(variables, &instance.variables)
            && sections.iter().zip(&sections_of(instance)).all(|(ours, theirs)| same(ours, theirs))
    }

    fn by_id(&self, document: &Document) -> Option<&Compiled> {
        self.contexts.iter().find(|compiled| compiled.document.id == document.id)
    }

    /// The context that was compiled from this very document.
    pub(super) fn find(&self, document: &Arc<Document>) -> Option<&Compiled> {
        self.contexts.iter().find(|compiled| Arc::ptr_eq(&compiled.document, document))
    }

    /// The contexts, in order.
    pub fn contexts(&self) -> impl Iterator<Item = &Arc<Context>> {
        self.contexts.iter().map(|compiled| &compiled.context)
    }

    /// The contexts as the switch gets them, in order.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.contexts.iter().filter_map(|compiled| std::str::from_utf8(&compiled.document.xml).ok())
    }
}

fn sections_of(instance: &Instance) -> [Option<Arc<Section>>; 2] {
    [SECTION, CONFIGURATION].map(|name| instance.sections.get(name).cloned())
}

/// The zones that the switch is told of; `None` where it reads its own file.
fn timezones(instance: &Instance) -> Option<Timezones> {
    let section = instance.sections.get(CONFIGURATION)?;
    let document = section.find("configuration", "name", "timezones.conf")?;
    Some(Timezones::of(&document.node))
}

/// The global variables that actions `set_global` below a node set while the switch runs, so that only the switch knows
/// their values. One whose name depends on the call is not found.
pub fn set_while_it_runs(node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    node.walk(&mut |node| {
        let is_set = matches!(&*node.tag, "action" | "anti-action")
            && node.attribute("application").is_some_and(|name| name.eq_ignore_ascii_case("set_global"));
        if !is_set {
            return;
        }
        let text: String = node.text.as_deref().unwrap_or_default().to_owned()
            + &node.children_named(TEXT_TAG).filter_map(|part| part.text.as_deref()).collect::<String>();
        let data = if text.is_empty() { node.attribute("data").unwrap_or_default() } else { &text };
        let name = data.split_once('=').map_or(data, |(name, _)| name);
        if !name.is_empty() {
            names.push(name.to_owned());
        }
    });
    names
}

impl Dialplans {
    /// That of an instance, if it has something to evaluate.
    pub(super) fn of(&self, instance: i64) -> Option<Arc<Dialplan>> {
        self.current.load().get(&instance).cloned()
    }

    /// Whether no instance has anything to evaluate.
    pub(super) fn is_empty(&self) -> bool {
        self.current.load().is_empty()
    }

    pub(super) fn checked(&self) -> Option<Arc<Dialplan>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep_checked(&self, dialplan: &Arc<Dialplan>) {
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = Some(dialplan.clone());
    }

    pub(crate) fn modes(&self) -> BTreeMap<i64, Modes> {
        self.modes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Pbx {
    /// Reads how contexts are served, whoever set it, and compiles what is to be evaluated.
    pub(crate) async fn read_dialplan_modes(&self) -> Result<()> {
        let Some(snapshot) = self.snapshot() else { return Ok(()) };
        let store = self.store()?;
        let mut modes = BTreeMap::new();
        for id in snapshot.instances.keys() {
            modes.insert(*id, Modes::read(&store.instance_settings(InstanceId(*id)).await?));
        }
        {
            let mut known = self.0.dialplans.modes.lock().unwrap_or_else(PoisonError::into_inner);
            if *known == modes {
                return Ok(());
            }
            *known = modes;
        }
        self.compile_dialplans().await;
        Ok(())
    }

    /// Brings what is compiled up to the snapshot. Until then whole contexts are served.
    pub(crate) async fn compile_dialplans(&self) {
        let dialplans = &self.0.dialplans;
        if !dialplans.modes().values().any(Modes::any) && dialplans.is_empty() {
            return;
        }
        let pbx = self.clone();
        let compile = move || {
            let dialplans = &pbx.0.dialplans;
            let _compiling = dialplans.compiling.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(snapshot) = pbx.snapshot() else { return };
            // Read here: what was set while this waited counts.
            let modes = dialplans.modes();
            let before = dialplans.current.load_full();
            let evaluated = modes.into_iter().filter(|(_, modes)| modes.any());
            let next = evaluated.filter_map(|(id, modes)| {
                let instance = snapshot.instances.get(&id)?;
                let before = before.get(&id).map(|before| &**before);
                Some((id, Arc::new(Dialplan::of(instance, modes, before))))
            });
            dialplans.current.store(Arc::new(next.collect()));
        };
        if let Err(error) = blocking::run("compile the dialplan", compile).await {
            tracing::error!(error = error.chain(), "contexts are served whole");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an action sets while calls run has the stored value only until then.
    #[test]
    fn what_calls_set_is_known_to_the_switch_only() {
        let variable = |name| Node::new("variable").with("name", name).with("value", "stored");
        let variables = Node::new("variables").containing([variable("counter"), variable("fixed")]);
        let action = Node::new("action").with("application", "set_global").with("data", "counter=1");
        let condition =
            |field: &str| Node::new("condition").with("field", field).with("expression", "stored");
        let extension =
            |name: &str, condition| Node::new("extension").with("name", name).containing([condition]);
        let contexts = [
            Node::new("context").with("name", "a").containing([
                extension("one", condition("$${counter}")),
                extension("two", condition("$${fixed}")),
            ]),
            Node::new("context")
                .with("name", "b")
                .containing([extension("sets", condition("ani").containing([action]))]),
        ];
        let section = Node::new("section").with("name", "dialplan").containing(contexts);
        let document = Node::new("document").containing([variables, section]);
        let dialplan = Dialplan::of(&Instance::new(1, "", &document, HashMap::new()), Modes::default(), None);
        let places = dialplan.contexts().next().unwrap().undecidable_places();
        let extensions: Vec<_> = places.iter().filter_map(|place| place.place.extension.as_deref()).collect();
        assert_eq!(extensions, ["one"]);
    }
}
