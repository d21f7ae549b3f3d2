//! Changing the tree: check, write, serve, answer.

use std::fmt;

use custompbx_model::declare::{self, Severity};
use custompbx_model::edit::{Edit, Step};
use custompbx_model::{Node, NodeId};
use custompbx_store::{Author, InstanceId, RevisionId};

use crate::Pbx;
use crate::error::{Error, Result};

/// What somebody wants to be otherwise.
#[derive(Clone)]
pub struct Change {
    /// In which instance.
    pub instance: InstanceId,
    /// Who wants it.
    pub actor: String,
    /// By which way.
    pub origin: String,
    /// In a few words, for the history.
    pub summary: String,
    /// What is to be done, in this order.
    pub edits: Vec<Edit>,
}

impl fmt::Debug for Change {
    /// Without the edits: there are passwords in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { instance, actor, origin, summary, edits } = self;
        f.debug_struct("Change")
            .field("instance", instance)
            .field("actor", actor)
            .field("origin", origin)
            .field("summary", summary)
            .field("edits", &edits.len())
            .finish()
    }
}

/// A change that was made.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Its revision; `None` when everything was so already.
    pub revision: Option<RevisionId>,
    /// Whether FreeSWITCH gets it already. It is stored in any case, and served as soon as the database can be read.
    pub served: bool,
    /// The ids of the nodes that were inserted.
    pub inserted: Vec<NodeId>,
    /// What FreeSWITCH may not take as meant.
    pub warnings: Vec<declare::Finding>,
}

impl Pbx {
    /// Makes a change, whole or not at all. When this returns, it is stored and FreeSWITCH gets it, but for a database
    /// that went away in between ([`Changed::served`]).
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong, [`Error::NotFound`] for a node that is gone.
    /// [`Error::DatabaseDown`] leaves open whether it was stored when the connection was lost during the commit.
    pub async fn change(&self, change: Change) -> Result<Changed> {
        let store = self.store()?;
        let findings = self.check(&change.edits).await?;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.severity == Severity::Error);
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let author = Author { actor: change.actor, origin: change.origin, at_ms: self.now() };
        let applied = store.apply(change.instance, &author, &change.summary, change.edits).await?;
        let served = self.serve_changed(&store, applied.revision, applied.users).await;
        Ok(Changed { revision: applied.revision, served, inserted: applied.inserted, warnings })
    }

    /// What the declarations say of edits.
    pub(crate) async fn check(&self, edits: &[Edit]) -> Result<Vec<declare::Finding>> {
        let mut findings = Vec::new();
        for edit in edits {
            match edit {
                Edit::Insert { parent, nodes, .. } | Edit::Restore { parent, nodes, .. } => {
                    let path = self.path(*parent).await?;
                    let ancestors: Vec<Node> = path.iter().map(head).collect();
                    let ancestors: Vec<&Node> = ancestors.iter().collect();
                    nodes.iter().for_each(|node| findings.extend(declare::check(&ancestors, node)));
                }
                Edit::Update { id, attributes, text } => {
                    let mut path = self.path(*id).await?;
                    let Some(old) = path.pop() else { continue };
                    let ancestors: Vec<Node> = path.iter().map(head).collect();
                    let ancestors: Vec<&Node> = ancestors.iter().collect();
                    let new =
                        Node { attributes: attributes.clone(), text: text.clone(), ..Node::new(old.tag) };
                    findings.extend(declare::check(&ancestors, &new));
                }
                Edit::Enable { .. } | Edit::Move { .. } | Edit::Delete { .. } => {}
            }
        }
        Ok(findings)
    }

    async fn path(&self, id: NodeId) -> Result<Vec<Step>> {
        let path = self.store()?.path(id).await?;
        path.ok_or_else(|| Error::NotFound { what: "node", name: id.to_string() })
    }
}

/// The node of a step of a way, without its children.
pub(crate) fn head(step: &Step) -> Node {
    Node { id: step.id, attributes: step.attributes.clone(), ..Node::new(step.tag.clone()) }
}
