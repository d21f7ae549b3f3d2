//! Configurations as wholes: made empty, taken away, and whether their module is loaded at the end of a start.

use custompbx_model::declare::kind::Link;
use custompbx_model::modules::configuration::{CONFIGURATION, Known};
use custompbx_model::modules::load_modules::kinds::POST_LOAD_MODULE;
use custompbx_model::{Edit, Node, NodeId};
use custompbx_store::InstanceId;

use super::change::new_node;
use super::read::Reader;
use super::{Done, Owner};
use crate::error::{Error, Result};
use crate::{By, Pbx, Plan};

const POST_LOAD_MODULES: &str = "post_load_modules.conf";

impl Pbx {
    /// Makes the empty configuration of this key, and what comes with it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a key that there is none of, [`Error::Taken`], and those of [`Pbx::edit`].
    pub async fn make_configuration(&self, instance: InstanceId, by: &By, key: &str) -> Result<()> {
        let missing = || Error::NotFound { what: "module name", name: key.to_owned() };
        let known = Known::find(key).ok_or_else(missing)?;
        let names: Vec<String> = [Some(known), known.beside.and_then(Known::find)]
            .into_iter()
            .flatten()
            .map(Known::document)
            .collect();
        let names = &names;
        self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let owner = Owner::instance();
            let there = reader.owned(&CONFIGURATION, &owner).await?;
            let mut nodes = Vec::new();
            for (at, name) in names.iter().enumerate() {
                let is_there = there.iter().any(|object| object.name().eq_ignore_ascii_case(name));
                if is_there && at == 0 {
                    return Err(Error::Taken { what: CONFIGURATION.word, name: name.clone() });
                }
                if !is_there {
                    nodes.push(configuration(name));
                }
            }
            let (edit, _) = reader.insertion(&CONFIGURATION, &owner, nodes).await?;
            Ok(Plan { summary: format!("add {}", names.join(" and ")), edits: vec![edit], value: () })
        })
        .await?;
        Ok(())
    }

    /// Takes a configuration away, and what came with it.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of [`Pbx::edit`].
    pub async fn remove_configuration(&self, instance: InstanceId, by: &By, id: NodeId) -> Result<()> {
        self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let object = reader.needed(&CONFIGURATION, id).await?;
            let mut edits = vec![Edit::Delete { id }];
            let beside = Known::of(&object.name()).and_then(|known| known.beside).and_then(Known::find);
            if let Some(beside) = beside {
                let documents = reader.documents(&beside.document()).await?;
                edits.extend(documents.iter().map(|document| Edit::Delete { id: document.node.id }));
            }
            Ok(Plan { summary: format!("remove {}", object.name()), edits, value: () })
        })
        .await?;
        Ok(())
    }

    /// Lets the module of a configuration be loaded at the end of a start, or not any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the configuration, and for one that no module reads; those of [`Pbx::edit`].
    pub async fn toggle_autoload(&self, instance: InstanceId, by: &By, id: NodeId) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let missing = || Error::NotFound { what: POST_LOAD_MODULE.word, name: id.to_string() };
            let configuration = reader.find(&CONFIGURATION, id).await?.ok_or_else(missing)?;
            let known = Known::of(&configuration.name()).filter(|known| !known.is_core());
            let module = known.and_then(|known| known.module).ok_or_else(missing)?;
            let key = POST_LOAD_MODULE.key().ok_or_else(missing)?;
            let line = new_node(&POST_LOAD_MODULE, &[(key, module.to_owned())])?;
            let edit = match reader.documents(POST_LOAD_MODULES).await?.first() {
                Some(document) => {
                    let owner = Owner { links: vec![Link { kind: &CONFIGURATION, id: document.node.id }] };
                    let lines = reader.owned(&POST_LOAD_MODULE, &owner).await?;
                    match lines.iter().find(|line| line.name().eq_ignore_ascii_case(module)) {
                        Some(line) => Edit::Enable { id: line.id(), enabled: !line.node.enabled },
                        None => reader.insertion(&POST_LOAD_MODULE, &owner, vec![line]).await?.0,
                    }
                }
                None => {
                    let document = configuration_of(POST_LOAD_MODULES, line);
                    reader.insertion(&CONFIGURATION, &Owner::instance(), vec![document]).await?.0
                }
            };
            let summary = format!("load {module} at the end of the start, or not");
            Ok(Plan { summary, edits: vec![edit], value: module })
        });
        let edited = edited.await?;
        let reader = self.reader(instance).await?;
        let missing = || Error::NotFound { what: POST_LOAD_MODULE.word, name: edited.value.to_owned() };
        let documents = reader.documents(POST_LOAD_MODULES).await?;
        let document = documents.first().ok_or_else(missing)?;
        let owner = Owner { links: vec![Link { kind: &CONFIGURATION, id: document.node.id }] };
        let lines = reader.owned(&POST_LOAD_MODULE, &owner).await?;
        let object = lines.into_iter().find(|line| line.name().eq_ignore_ascii_case(edited.value));
        Ok(Done { object: object.ok_or_else(missing)?, revision: edited.revision, warnings: edited.warnings })
    }
}

fn configuration(name: &str) -> Node {
    Node::new(CONFIGURATION.tag).with("name", name)
}

fn configuration_of(name: &str, line: Node) -> Node {
    configuration(name).containing([Node::new("modules").containing([line])])
}
