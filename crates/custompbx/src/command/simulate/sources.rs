//! Contexts, global variables and zones: from files, or from the database where files leave something open.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use custompbx_dialplan::raw::{self, BadAnswer};
use custompbx_dialplan::{Context, Globals, Timezones};
use custompbx_model::Node;
use custompbx_model::xml::{Limits, XmlError, line_and_column, parse};
use custompbx_pbx::browse;
use custompbx_pbx::dialplan::{Dialplan, set_while_it_runs};

use super::read_input;
use crate::args::Place;
use crate::context;
use crate::failure::Failure;

/// So many read dialplans are kept; then it begins anew.
const MOST_KEPT: usize = 512;

/// A dialplan as text, with what a person calls it.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) shown: String,
    pub(super) text: String,
}

/// What was given as files for every call.
#[derive(Debug)]
pub(super) struct Files {
    dialplan: Option<Written>,
    globals: Option<Globals>,
    timezones: Option<Arc<Timezones>>,
}

/// A dialplan that calls can be evaluated in.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) contexts: Vec<Arc<Context>>,
    pub(super) globals: Arc<Globals>,
    pub(super) timezones: Arc<Timezones>,
    /// Why the contexts can be read by the switch only.
    pub(super) blocked: Option<String>,
}

/// Everything that calls are evaluated with; the database is opened for the first call that needs it.
#[derive(Debug)]
pub(super) struct Sources {
    place: Place,
    instance: String,
    files: Files,
    vanilla: Arc<Timezones>,
    /// Why not, if it could not be read: it is not tried again for every line of a batch.
    stored: Option<Result<Arc<Dialplan>, String>>,
    /// By the text of the global variables (none for those of every call), and that of the dialplan.
    kept: HashMap<(Option<String>, Option<String>), Arc<Plan>>,
}

impl Files {
    pub(super) fn read(
        dialplan: Option<&Path>,
        globals: Option<&Path>,
        timezones: Option<&Path>,
    ) -> Result<Self, Failure> {
        let dialplan = dialplan.map(|path| {
            let text = read_input(path, "the dialplan")?;
            Ok::<_, Failure>(Written { shown: path.display().to_string(), text })
        });
        Ok(Self {
            dialplan: dialplan.transpose()?,
            globals: globals.map(read_globals).transpose()?,
            timezones: timezones.map(read_timezones).transpose()?,
        })
    }
}

impl Sources {
    pub(super) fn new(place: &Place, instance: &str, files: Files) -> Self {
        Self {
            place: place.clone(),
            instance: instance.to_owned(),
            files,
            vanilla: Arc::new(Timezones::vanilla()),
            stored: None,
            kept: HashMap::new(),
        }
    }

    /// The dialplan for one call, which may have a dialplan and global variables (with their text) of its own.
    pub(super) async fn plan(
        &mut self,
        dialplan: Option<Written>,
        globals: Option<(String, Globals)>,
    ) -> Result<Arc<Plan>, Failure> {
        let key =
            (globals.as_ref().map(|(text, _)| text.clone()), dialplan.as_ref().map(|own| own.text.clone()));
        if let Some(known) = self.kept.get(&key) {
            return Ok(known.clone());
        }
        let dialplan = dialplan.or_else(|| self.files.dialplan.clone());
        let globals = globals.map(|(_, globals)| globals).or_else(|| self.files.globals.clone());
        let stored = match (&dialplan, &globals) {
            (Some(_), Some(_)) => None,
            _ => Some(self.stored().await?),
        };
        let timezones = self.files.timezones.clone();
        let timezones = timezones.or_else(|| stored.as_ref()?.timezones.clone());
        let timezones = timezones.unwrap_or_else(|| self.vanilla.clone());
        let plan = Arc::new(match (dialplan, globals, stored) {
            (Some(written), Some(globals), _) => Plan::read(&written, &globals, timezones)?,
            (Some(written), None, Some(stored)) => {
                Plan::read_while_it_sets(&written, &stored.globals, timezones)?
            }
            (None, Some(globals), Some(stored)) => Plan::read(&written(&stored), &globals, timezones)?,
            (_, _, stored) => {
                let stored = stored.unwrap_or_default();
                let (contexts, globals) = (stored.contexts().cloned().collect(), stored.globals.clone());
                Plan { contexts, globals, timezones, blocked: None }
            }
        });
        if self.kept.len() >= MOST_KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, plan.clone());
        Ok(plan)
    }

    async fn stored(&mut self) -> Result<Arc<Dialplan>, Failure> {
        if self.stored.is_none() {
            let loaded = stored(&self.place, &self.instance).await;
            self.stored = Some(loaded.map(Arc::new).map_err(|failure| failure.to_string()));
        }
        match &self.stored {
            Some(Ok(stored)) => Ok(stored.clone()),
            Some(Err(why)) => Err(Failure::because(why.as_str())),
            None => Ok(Arc::default()),
        }
    }
}

/// The dialplan of an instance, as it is in the database.
async fn stored(place: &Place, instance: &str) -> Result<Dialplan, Failure> {
    let store = context::Context::load(place)?.store().await?;
    let instance = browse::instance(&store, instance).await?;
    let dialplan = Dialplan::stored(&store, instance.id).await?;
    store.close().await;
    Ok(dialplan)
}

/// Its contexts as text, for other global variables than those of the database.
fn written(dialplan: &Dialplan) -> Written {
    let texts: Vec<_> = dialplan.written().collect();
    Written { shown: "the dialplan of the database".to_owned(), text: texts.join("\n") }
}

impl Plan {
    /// Reads a dialplan as the switch reads an answer.
    fn read(written: &Written, globals: &Globals, timezones: Arc<Timezones>) -> Result<Self, Failure> {
        match raw::read(&written.text, globals) {
            Ok(answer) => Ok(Self {
                contexts: answer
                    .contexts
                    .iter()
                    .map(|node| Arc::new(Context::of_answer(node, None)))
                    .collect(),
                globals: Arc::new(answer.globals),
                timezones,
                blocked: None,
            }),
            Err(BadAnswer::Xml(error)) => Err(malformed(written, &error)),
            Err(only_there) => Ok(Self {
                contexts: Vec::new(),
                globals: Arc::new(globals.clone()),
                timezones,
                blocked: Some(only_there.to_string()),
            }),
        }
    }

    /// The same, with the global variables of a switch that runs: what its calls set is known to the switch only.
    fn read_while_it_sets(
        written: &Written,
        globals: &Globals,
        timezones: Arc<Timezones>,
    ) -> Result<Self, Failure> {
        let mut globals = globals.clone();
        if let Ok(answer) = raw::read(&written.text, &globals) {
            let set = answer.contexts.iter().flat_map(set_while_it_runs);
            set.for_each(|name| globals.only_switch_knows(&name));
        }
        Self::read(written, &globals, timezones)
    }
}

/// Where XML is wrong. The place is that in the file if it is wrong there too, and not only once the preprocessor has
/// been over it.
fn malformed(written: &Written, error: &XmlError) -> Failure {
    let Written { shown, text } = written;
    match parse(text, &Limits::default()) {
        Err(here) => {
            let (line, column) = line_and_column(text, here.offset);
            Failure::because(format!("{shown}:{line}:{column}: {here}"))
        }
        Ok(_) => Failure::because(format!(
            "{shown}: after the preprocessor, which takes out lines with <include> and its own commands, it is no XML \
             at byte {}: {error}",
            error.offset
        )),
    }
}

/// All global variables, from an object of strings.
pub(super) fn exactly(values: &serde_json::Map<String, serde_json::Value>) -> Result<Globals, Failure> {
    let pair = |(name, value): (&String, &serde_json::Value)| match value.as_str() {
        Some(value) => Ok((name.clone(), value.to_owned())),
        None => Err(Failure::because(format!("the global variable {name} must be a string"))),
    };
    let pairs: Vec<_> = values.iter().map(pair).collect::<Result<_, Failure>>()?;
    Ok(Globals::exactly(pairs))
}

fn read_globals(path: &Path) -> Result<Globals, Failure> {
    let text = read_input(path, "the global variables")?;
    let operation = format!("{} must be an object such as {{\"domain\": \"pbx.example\"}}", path.display());
    let values = serde_json::from_str(&text).map_err(|error| Failure::new(&operation, error))?;
    exactly(&values).map_err(|failure| Failure::because(format!("{}: {failure}", path.display())))
}

fn read_timezones(path: &Path) -> Result<Arc<Timezones>, Failure> {
    let text = read_input(path, "the time zones")?;
    let written = Written { shown: path.display().to_string(), text };
    let parsed = parse(&written.text, &Limits::default()).map_err(|error| malformed(&written, &error))?;
    let mut found: Option<&Node> = None;
    for root in &parsed.roots {
        root.walk(&mut |node| {
            if found.is_none() && node.child("timezones").is_some() {
                found = Some(node);
            }
        });
    }
    let found = found.ok_or_else(|| {
        Failure::because(format!(
            "{} has no <timezones>; it must be FreeSWITCH's timezones.conf.xml",
            written.shown
        ))
    })?;
    Ok(Arc::new(Timezones::of(found)))
}
