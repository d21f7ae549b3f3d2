//! Who is in a group.

use custompbx_model::NodeId;
use custompbx_model::modules::directory::kinds::{GROUP_USER, USER};
use custompbx_store::InstanceId;

use super::Done;
use super::change::new_node;
use super::read::Reader;
use crate::error::{Error, Result};
use crate::{By, Pbx, Plan};

impl Pbx {
    /// Puts a user into a group of its domain: a pointer.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the group, and for a user that is not in its domain; [`Error::Taken`] when it is in the
    /// group already, as a pointer or itself; those of [`Pbx::edit`].
    pub async fn add_group_user(
        &self,
        instance: InstanceId,
        by: &By,
        group: NodeId,
        user: NodeId,
    ) -> Result<Done> {
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let owner = reader.owner(&GROUP_USER, group).await?;
            let member = reader.needed(&USER, user).await?;
            // Both belong to the same domain.
            if owner.links.first() != member.owners.first() {
                return Err(Error::NotFound { what: USER.word, name: user.to_string() });
            }
            let name = member.name();
            let pointers = reader.owned(&GROUP_USER, &owner).await?;
            if reader.stands_below(&member, group).await?
                || pointers.iter().any(|pointer| pointer.name().eq_ignore_ascii_case(&name))
            {
                return Err(Error::Taken { what: GROUP_USER.word, name });
            }
            let field = GROUP_USER.key().into_iter().map(|key| (key, name.clone()));
            let node = new_node(&GROUP_USER, &field.collect::<Vec<_>>())?;
            let (edit, wrappers) = reader.insertion(&GROUP_USER, &owner, vec![node]).await?;
            Ok(Plan { summary: format!("add user {name} to a group"), edits: vec![edit], value: wrappers })
        });
        let edited = edited.await?;
        let reader = self.reader(instance).await?;
        let inserted = edited.inserted.first().copied().unwrap_or_default();
        let id = reader.inside(inserted, &edited.value, GROUP_USER.tag).await?;
        let object = reader.needed(&GROUP_USER, id).await?;
        Ok(Done { object, revision: edited.revision, warnings: edited.warnings })
    }
}
