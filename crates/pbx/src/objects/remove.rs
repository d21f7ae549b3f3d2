//! Objects that go, and names that others have of an object.

use custompbx_model::declare::kind::{Kind, Within};
use custompbx_model::{At, Edit, NodeId};
use custompbx_store::{Below, InstanceId};

use super::change::refuse_fixed;
use super::read::Reader;
use super::{Done, Object, Wrong};
use crate::error::Result;
use crate::{By, Pbx, Plan};

/// How many users are moved out of a group one by one.
const MOST_MOVED: usize = 1_000;

impl Pbx {
    /// Takes an object away with all below it. Who only points to it goes too; what stands in it and belongs to
    /// somebody else stays.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], [`crate::Error::Object`], and those of [`Pbx::edit`].
    pub async fn remove_object(
        &self,
        instance: InstanceId,
        by: &By,
        kind: &'static Kind,
        id: NodeId,
    ) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let object = reader.needed(kind, id).await?;
            refuse_fixed(kind, &object.node)?;
            let mut edits = reader.follow(&object, None).await?;
            edits.extend(reader.rescue(&object).await?);
            edits.push(Edit::Delete { id });
            Ok(Plan { summary: format!("remove {} {}", kind.word, object.name()), edits, value: object })
        });
        let edited = edited.await?;
        Ok(Done { object: edited.value, revision: edited.revision, warnings: edited.warnings })
    }
}

impl Reader {
    /// What must be done with those who name an object that gets another name, or none because it goes.
    pub(super) async fn follow(&self, object: &Object, name: Option<&str>) -> Result<Vec<Edit>> {
        let old = object.name();
        let mut edits = Vec::new();
        for mention in object.kind.mentions {
            if name.is_none() && !mention.goes {
                continue;
            }
            let mentions = match (mention.within, object.owners.last()) {
                (Within::Pointers, Some(domain)) => {
                    if self.store.users_named(domain.id, &[&old]).await?.len() > 1 {
                        // They may mean the other one.
                        continue;
                    }
                    self.store.pointers_to(self.instance, domain.id, &old).await?
                }
                (Within::Pointers, None) => Vec::new(),
                (Within::Document(document), _) => {
                    let documents = self.documents(document).await?;
                    let ids: Vec<NodeId> = documents.iter().map(|document| document.node.id).collect();
                    self.store.below(&ids, mention.way).await?
                }
            };
            for Below { mut node, .. } in mentions {
                if !node.attribute(mention.attribute).is_some_and(|is| is.eq_ignore_ascii_case(&old)) {
                    continue;
                }
                edits.push(match name {
                    None => Edit::Delete { id: node.id },
                    Some(name) => {
                        node.set_attribute(mention.attribute, name);
                        Edit::Update { id: node.id, attributes: node.attributes, text: node.text }
                    }
                });
            }
        }
        Ok(edits)
    }

    /// What must be done before an object goes so that others which stand in it stay: the users of a domain that stand
    /// in one of its groups.
    async fn rescue(&self, object: &Object) -> Result<Vec<Edit>> {
        let (Some(kind), Some(owner)) = (object.kind.shelters, object.owners.last()) else {
            return Ok(Vec::new());
        };
        let mut edits = Vec::new();
        let list = kind.ways.first().copied().unwrap_or_default();
        let target = self.store.below(&[owner.id], list).await?.first().map(|below| below.node.id);
        let is_one = |below: &Below| kind.which.takes(|name| below.node.attribute(name));
        let mut single = self.store.below(&[object.id()], &[kind.tag]).await?;
        single.retain(is_one);
        for wrapper in self.store.below(&[object.id()], list).await? {
            let (inside, others): (Vec<_>, Vec<_>) =
                self.store.below(&[wrapper.node.id], &[kind.tag]).await?.into_iter().partition(is_one);
            if inside.is_empty() {
                continue;
            }
            if target.is_none() && edits.is_empty() {
                // The whole list goes to the owner, which has none.
                edits.extend(others.iter().map(|below| Edit::Delete { id: below.node.id }));
                edits.push(Edit::Move { id: wrapper.node.id, parent: owner.id, at: At::Last });
            } else {
                single.extend(inside);
            }
        }
        if single.len() > MOST_MOVED {
            return Err(Wrong::Occupied { count: single.len() }.into());
        }
        let parent = target.unwrap_or(owner.id);
        edits.extend(single.iter().map(|below| Edit::Move { id: below.node.id, parent, at: At::Last }));
        Ok(edits)
    }
}
