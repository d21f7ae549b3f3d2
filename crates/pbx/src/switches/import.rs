//! Taking over what a running switch has, by `xml_locate`.
//!
//! What the switch prints has its `$${variables}` replaced, and it asks us for it too, so that parts come back which it has
//! from here. So only what is not stored yet is taken over; everything that is stays as it is, and is named. Where the
//! switch's own files can be read here, reading those is better: they keep the variables ([`Pbx::files_of`]).

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use custompbx_conf::{ReadOptions, Reading, read_text};
use custompbx_model::modules::configuration::Known;
use custompbx_model::modules::global_variables::is_dynamic;
use custompbx_model::variables::{SECTION_TAG, VARIABLE_TAG, Variables};
use custompbx_model::{Node, NodeId};
use custompbx_store::{Author, Instance, Store};
use custompbx_switch::command::Command;

use super::Driven;
use crate::Pbx;
use crate::browse::LARGEST_PAGE;
use crate::edit::By;
use crate::error::{Error, Result};
use crate::import::{self, Imported, Source};

/// How long a switch may take to print a section.
const DEADLINE: Duration = Duration::from_secs(60);

/// How the switch begins to say that it has no such thing (recorded).
const NOTHING: &str = "can't find anything";

/// What is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// Domains that are not stored.
    Directory,
    /// Contexts that are not stored.
    Dialplan,
    /// All configurations that are not stored.
    Configurations,
    /// One configuration, which must not be stored; without `.conf`.
    Configuration(&'a str),
    /// Global variables, where none is stored.
    Variables,
}

/// What an import of a running switch did.
#[derive(Debug)]
pub struct Taken {
    /// As for files; `None` when there was nothing to take over.
    pub imported: Option<Imported>,
    /// What is stored already and was left alone.
    pub skipped: Vec<String>,
}

impl Pbx {
    /// Takes over something of a running switch into the instance that it belongs to.
    ///
    /// # Errors
    /// [`Error::NoSwitch`], [`Error::Switch`], [`Error::Taken`] for a configuration that is stored, [`Error::NotFound`] for
    /// one that the switch has not, and those of an import.
    pub async fn import_running(&self, by: &By, driven: &Driven, what: What<'_>) -> Result<Taken> {
        let store = self.store()?;
        let Some(id) = self.instance_of(driven) else {
            return Err(Error::NoSwitch { reason: "nothing is known of its instance yet".to_owned() });
        };
        let missing = || Error::NotFound { what: "instance", name: id.to_string() };
        let instance =
            store.instances().await?.into_iter().find(|instance| instance.id == id).ok_or_else(missing)?;
        let mut reading = match what {
            What::Variables => self.running_variables(driven).await?,
            _ => self.located(driven, what).await?,
        };
        let skipped = leave_known(&store, &instance, what, &mut reading.document).await?;
        if let (What::Configuration(name), false) = (what, skipped.is_empty()) {
            return Err(Error::Taken { what: "the configuration", name: name.to_owned() });
        }
        if reading.document.children.iter().all(|section| section.children.is_empty()) {
            return Ok(Taken { imported: None, skipped });
        }
        let author = Author { origin: origin(driven), ..by.author(self.now()) };
        let mut imported =
            import::write(&store, &instance, Source::Reading(reading), &author, &mut |_| {}).await?;
        let users = std::mem::take(&mut imported.users);
        imported.served = self.serve_changed(&store, imported.revision, users).await;
        Ok(Taken { imported: Some(imported), skipped })
    }

    /// The directory of a switch's own files, where it can be read here.
    pub async fn files_of(&self, driven: &Driven) -> Option<PathBuf> {
        let question = Command::of("global.get", &[("name", "conf_dir")]).ok()?;
        let said = driven.supervisor.commands().run(&question).await.ok()?;
        let directory = PathBuf::from(said.trim());
        let is_there = directory.is_absolute() && directory.join("freeswitch.xml").is_file();
        is_there.then_some(directory)
    }

    async fn located(&self, driven: &Driven, what: What<'_>) -> Result<Reading> {
        let (name, values): (&str, Vec<(&str, String)>) = match what {
            What::Directory => ("xml.section", vec![("section", "directory".to_owned())]),
            What::Dialplan => ("xml.section", vec![("section", "dialplan".to_owned())]),
            What::Configurations => ("xml.section", vec![("section", "configuration".to_owned())]),
            What::Configuration(name) => ("xml.configuration", vec![("name", format!("{name}.conf"))]),
            What::Variables => return self.running_variables(driven).await,
        };
        let values: Vec<(&str, &str)> = values.iter().map(|(slot, value)| (*slot, value.as_str())).collect();
        let command = Command::of(name, &values).map_err(|error| Error::BadRequest(error.to_string()))?;
        let source = command.line().to_owned();
        let answer = driven.supervisor.commands().run(&command.within(DEADLINE)).await;
        let text = match answer {
            Ok(text) => text,
            Err(custompbx_switch::CommandError::Refused { .. }) => return Err(missing(values[0].1)),
            Err(error) => return Err(Error::Switch(error)),
        };
        if text.trim_start().starts_with(NOTHING) {
            return Err(missing(values[0].1));
        }
        // Parsing a directory of thousands is a second of work.
        let read =
            tokio::task::spawn_blocking(move || read_text(&source, text.as_bytes(), &ReadOptions::default()));
        let read = read.await.map_err(|error| Error::File {
            operation: "read what the switch printed".to_owned(),
            source: std::io::Error::other(error),
        })?;
        Ok(read?)
    }

    async fn running_variables(&self, driven: &Driven) -> Result<Reading> {
        let command =
            Command::of("global.list", &[]).map_err(|error| Error::BadRequest(error.to_string()))?;
        let text = driven.supervisor.commands().run(&command).await.map_err(Error::Switch)?;
        let mut reading =
            read_text("global_getvar", b"<document type=\"freeswitch/xml\"/>", &ReadOptions::default())?;
        let mut section = Node::new(SECTION_TAG);
        for (name, value) in text.lines().filter_map(|line| line.split_once('=')) {
            if !is_dynamic(name) && !name.trim().is_empty() {
                let variable = Node::new(VARIABLE_TAG).with("name", name.trim()).with("value", value);
                section.children.push(variable);
            }
        }
        reading.document.children.insert(0, section);
        Ok(reading)
    }
}

fn missing(name: &str) -> Error {
    Error::NotFound { what: "configuration of the switch", name: name.to_owned() }
}

/// By which way revisions come that were taken over from a switch. The switch has what is in them, so that it is told
/// nothing of them.
pub(super) fn origin(driven: &Driven) -> String {
    format!("switch {}", driven.name().to_lowercase())
}

/// Takes out of what was read what is stored already; gives the names.
async fn leave_known(
    store: &Store,
    instance: &Instance,
    what: What<'_>,
    document: &mut Node,
) -> Result<Vec<String>> {
    let root = store.root(instance.id).await?;
    let sections = store.children(root, None, None, LARGEST_PAGE).await?.items;
    let variables = match sections.iter().find(|row| &*row.node.tag == SECTION_TAG) {
        Some(row) => {
            store.subtree(row.node.id).await?.map(|found| Variables::of(&found.node)).unwrap_or_default()
        }
        None => Variables::default(),
    };
    let mut skipped = Vec::new();
    if what == What::Variables {
        let known = sections.iter().find(|row| &*row.node.tag == SECTION_TAG && row.child_count > 0);
        if let (Some(_), Some(section)) =
            (known, document.children.iter_mut().find(|node| &*node.tag == SECTION_TAG))
        {
            skipped.extend(
                section.children.drain(..).filter_map(|node| node.attribute("name").map(str::to_owned)),
            );
        }
        return Ok(skipped);
    }
    // What the switch prints beside it is not asked for.
    document.children.retain(|section| &*section.tag == "section");
    for section in &mut document.children {
        let name = section.attribute("name").unwrap_or_default().to_owned();
        let mut known = HashSet::new();
        for stored in sections
            .iter()
            .filter(|row| row.node.attribute("name").is_some_and(|of| of.eq_ignore_ascii_case(&name)))
        {
            collect_names(store, stored.node.id, &variables, &mut known).await?;
        }
        section.children.retain(|child| {
            let Some(name) = child.attribute("name") else { return true };
            let is_new = !known.contains(&name.to_lowercase());
            if !is_new {
                skipped.push(name.to_owned());
            }
            is_new
        });
    }
    Ok(skipped)
}

async fn collect_names(
    store: &Store,
    section: NodeId,
    variables: &Variables,
    known: &mut HashSet<String>,
) -> Result<()> {
    let mut after = None;
    loop {
        let page = store.children(section, None, after, LARGEST_PAGE).await?;
        for name in page.items.iter().filter_map(|row| row.node.attribute("name")) {
            known.insert(name.to_lowercase());
            known.insert(variables.expand(name).0.to_lowercase());
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Whether a configuration has a name here.
pub fn is_known(name: &str) -> bool {
    Known::find(name).is_some()
}
