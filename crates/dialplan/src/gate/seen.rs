//! What gates saw, in one evaluation.

use std::rc::Rc;
use std::sync::Arc;

use super::GateTest;
use crate::pattern::Pattern;
use crate::profile::ProfileField;
use crate::substitute::Groups;

/// What came of a test.
#[derive(Clone, Debug)]
pub(super) struct Came {
    pub(super) matched: bool,
    /// Of a match whose expression has any.
    pub(super) groups: Option<Rc<Groups>>,
}

/// What came of tests, with one profile.
#[derive(Debug, Default)]
pub(crate) struct Seen<'g> {
    /// Of those that several conditions make, by number.
    shared: Vec<Option<Came>>,
    /// The last one that matched, with its groups.
    last: Option<(&'g GateTest, Option<Rc<Groups>>)>,
}

impl<'g> Seen<'g> {
    /// The profile is another one.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What is known of an expression, if it is the last one that matched: `proceed` of rule 12, and the groups.
    pub(crate) fn last(
        &self,
        pattern: &Arc<Pattern>,
        field: ProfileField,
    ) -> Option<(usize, Option<Rc<Groups>>)> {
        let (test, groups) = self.last.as_ref()?;
        let is_this = test.field == field && Arc::ptr_eq(&test.pattern, pattern);
        is_this.then(|| (groups.as_ref().map_or(1, |groups| groups.spans.len()), groups.clone()))
    }

    pub(super) fn matched(&mut self, test: &'g GateTest, groups: Option<Rc<Groups>>) {
        self.last = Some((test, groups));
    }

    /// What came of a test that several conditions make.
    pub(super) fn of(&self, shared: usize) -> Option<&Came> {
        self.shared.get(shared)?.as_ref()
    }

    pub(super) fn keep(&mut self, shared: usize, came: Came) {
        if self.shared.len() <= shared {
            self.shared.resize(shared + 1, None);
        }
        self.shared[shared] = Some(came);
    }
}

/// What the tests of an extension do that does not match: rule 40, for each condition that passed with groups.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    /// The groups of the last one.
    pub(crate) groups: Option<Rc<Groups>>,
    /// How many of them have something to keep.
    pub(crate) captures: u32,
    /// How many bytes that is.
    pub(crate) bytes: usize,
}

impl Passed {
    pub(super) fn add(&mut self, groups: &Rc<Groups>) {
        let kept = groups.kept_bytes();
        self.captures += u32::from(kept > 0);
        self.bytes = self.bytes.saturating_add(kept);
        self.groups = Some(groups.clone());
    }
}
