//! Changing what was read: somebody's change may depend on what is there (a name that must be free, a place among
//! others, one attribute of several), and two of them at once must not lose either.

use custompbx_model::Edit;
use custompbx_model::declare::{Finding, Severity};
use custompbx_store::{Author, InstanceId, RevisionId, Store, Subtree};

use crate::Pbx;
use crate::dialplan::Touched;
use crate::error::{Error, Result};

/// How often a plan is made anew because somebody else was faster. Those of this process wait for each other, so it is
/// another node that is faster each time, or an import.
pub(crate) const TRIES: usize = 20;

/// Who changes something, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// A login, or the name of a program.
    pub actor: String,
    /// The way: `api`, `rest`, `import`.
    pub origin: String,
}

impl By {
    /// The same at a time, for the store.
    pub(crate) fn author(&self, at_ms: i64) -> Author {
        Author { actor: self.actor.clone(), origin: self.origin.clone(), at_ms }
    }
}

/// What is to be done, made from what was read.
#[derive(Debug)]
pub struct Plan<T> {
    /// In a few words, for the history.
    pub summary: String,
    /// In this order; none at all: everything is so already.
    pub edits: Vec<Edit>,
    /// What the one who planned wants to know afterwards.
    pub value: T,
}

/// A plan that was carried out.
#[derive(Debug)]
pub struct Edited<T> {
    /// Its revision; `None` when everything was so already.
    pub revision: Option<RevisionId>,
    /// The ids of the nodes that were inserted, in the order of the edits; not of those below them.
    pub inserted: Vec<custompbx_model::NodeId>,
    /// Whether FreeSWITCH gets it already; if not, as soon as the database can be read.
    pub served: bool,
    /// What FreeSWITCH may not take as meant.
    pub warnings: Vec<Finding>,
    /// [`Plan::value`].
    pub value: T,
}

impl Pbx {
    /// Makes edits that depend on what is there. `plan` reads the instance and says what to do; when somebody else
    /// changed the instance in between, it is asked again, so that what it read is true when its edits are made.
    ///
    /// # Errors
    /// Those of `plan`; [`Error::Invalid`] with everything that is wrong with the edits, [`Error::Overtaken`] when
    /// others are faster again and again, and those of the database.
    pub async fn edit<T, F, R>(&self, instance: InstanceId, by: &By, plan: F) -> Result<Edited<T>>
    where
        F: Fn(Store) -> R,
        R: Future<Output = Result<Plan<T>>>,
    {
        self.edit_as(instance, by, Checks::Here, &mut |_| {}, |_| Vec::new(), plan).await
    }

    /// [`Pbx::edit`] of very many edits: `plan` itself has asked the declarations what they say of them, and `progress` is
    /// told now and then how many nodes were inserted. `users` takes the users out of the plan that the edits change and
    /// whose new look it knows, so that they need not be read for the snapshot.
    ///
    /// # Errors
    /// Those of [`Pbx::edit`].
    pub(crate) async fn edit_many<T, F, R>(
        &self,
        instance: InstanceId,
        by: &By,
        progress: &mut (dyn FnMut(u64) + Send),
        users: impl Fn(&mut T) -> Vec<Subtree>,
        plan: F,
    ) -> Result<Edited<T>>
    where
        F: Fn(Store) -> R,
        R: Future<Output = Result<Plan<T>>>,
    {
        self.edit_as(instance, by, Checks::Done, progress, users, plan).await
    }

    async fn edit_as<T, F, R>(
        &self,
        instance: InstanceId,
        by: &By,
        checks: Checks,
        progress: &mut (dyn FnMut(u64) + Send),
        users: impl Fn(&mut T) -> Vec<Subtree>,
        plan: F,
    ) -> Result<Edited<T>>
    where
        F: Fn(Store) -> R,
        R: Future<Output = Result<Plan<T>>>,
    {
        let store = self.store()?;
        // Making very many edits takes seconds, in which others should not wait: then it is held from the first try to
        // write on, for whoever came too late once would otherwise never get through.
        let mut editing = match checks {
            Checks::Here => Some(self.0.editing.lock().await),
            Checks::Done => None,
        };
        for _ in 0..TRIES {
            let since = store.head_of(instance).await?;
            let Plan { summary, edits, mut value } = plan(store.clone()).await?;
            let findings = if checks == Checks::Here { self.check(&edits).await? } else { Vec::new() };
            let (errors, warnings): (Vec<_>, Vec<_>) =
                findings.into_iter().partition(|finding| finding.severity == Severity::Error);
            if !errors.is_empty() {
                return Err(Error::Invalid(errors));
            }
            let touched = (checks == Checks::Here).then(|| Touched::by(&edits));
            let author = by.author(self.now());
            if editing.is_none() {
                editing = Some(self.0.editing.lock().await);
            }
            let applied = store.apply_if_unchanged(instance, since, &author, &summary, edits, progress).await;
            let applied = match applied {
                Err(custompbx_store::Error::Changed { .. }) => continue,
                applied => applied?,
            };
            drop(editing);
            let mut fresh = users(&mut value);
            fresh.extend(applied.users);
            let served = self.serve_changed(&store, applied.revision, fresh).await;
            let mut warnings = warnings;
            if let Some(touched) = touched.filter(|_| served) {
                let touched = touched.and(&applied.parts, &applied.inserted);
                warnings.extend(self.remarks_on(instance, touched).await);
            }
            return Ok(Edited {
                revision: applied.revision,
                inserted: applied.inserted,
                served,
                warnings,
                value,
            });
        }
        Err(Error::Overtaken { instance: instance.to_string() })
    }
}

/// Who asks the declarations what they say of edits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    /// The edits are looked at before they are made.
    Here,
    /// They were made from what was looked at.
    Done,
}
