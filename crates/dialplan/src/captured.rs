//! Variables that hold what matches found, before they are variables.
//!
//! Each match takes the place of the one before, mostly without anybody having looked at it. What is kept is where the
//! groups are; the variable is made of them when somebody looks.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use crate::substitute::Groups;
use crate::variables::{Variables, hash};
use crate::words::same_word;

/// The name of such a variable.
pub(crate) type Name = Cow<'static, [u8]>;

/// They, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Captured(Vec<One>);

struct One {
    name: Name,
    hash: u32,
    groups: Rc<Groups>,
    /// Nothing but this variable, once somebody looked.
    variable: OnceCell<Variables>,
}

impl Captured {
    /// What the variable is, alone, if it is one of these. [`hash`] is that of its name.
    pub(crate) fn find(&self, name: &[u8], hash: u32) -> Option<&Variables> {
        let one = self.0.iter().find(|one| one.hash == hash && same_word(&one.name, name))?;
        Some(one.variable.get_or_init(|| {
            let mut variables = Variables::new();
            variables.push_all(&one.name, &one.groups.kept().collect::<Vec<_>>());
            variables
        }))
    }

    /// Whether the last one is just this.
    pub(crate) fn ends_with(&self, name: &[u8], groups: &Rc<Groups>) -> bool {
        self.0.last().is_some_and(|last| Rc::ptr_eq(&last.groups, groups) && *last.name == *name)
    }

    /// Adds one that there is not.
    pub(crate) fn add(&mut self, name: Name, groups: Rc<Groups>) {
        let hash = hash(&name);
        self.0.push(One { name, hash, groups, variable: OnceCell::new() });
    }

    /// Takes one away, and says whether there was one.
    pub(crate) fn remove(&mut self, name: &[u8]) -> bool {
        let before = self.0.len();
        self.0.retain(|one| !same_word(&one.name, name));
        self.0.len() < before
    }

    /// Takes all away whose names begin so.
    pub(crate) fn remove_beginning(&mut self, prefix: &[u8]) {
        self.0.retain(|one| !one.name.get(..prefix.len()).is_some_and(|start| same_word(start, prefix)));
    }

    /// Takes all of them.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = (Name, Rc<Groups>)> + use<> {
        std::mem::take(&mut self.0).into_iter().map(|one| (one.name, one.groups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::outcome::Change;
    use crate::scope::Scope;
    use crate::value::Value;
    use crate::variables::Stack;
    use proptest::prelude::*;

    const NAMES: [&str; 4] = ["DP_MATCH", "DP_REGEX_MATCH_1", "DP_REGEX_MATCH_2", "other"];

    /// What can happen to the variable of a name.
    #[derive(Clone, Debug)]
    enum Step {
        Capture(Groups),
        Set(&'static str),
        Push(&'static str),
        SetElement,
        Delete,
        DeleteBeginning,
        Look,
    }

    fn step() -> impl Strategy<Value = Step> {
        let span = prop::option::of((0_usize..4, 0_usize..3).prop_map(|(at, length)| (at, at + length)));
        let subject = prop::sample::select(vec!["abcdef", "ARRAY::", "ARRAY::x|:y"]);
        let groups = (subject, prop::collection::vec(span, 0..4)).prop_map(|(subject, mut spans)| {
            spans.insert(0, Some((0, subject.len())));
            Groups { subject: subject.as_bytes().to_vec(), spans }
        });
        prop_oneof![
            4 => groups.prop_map(Step::Capture),
            1 => prop::sample::select(vec!["v", "", "ARRAY::v|:w"]).prop_map(Step::Set),
            1 => Just(Step::Push("p")),
            1 => Just(Step::SetElement),
            1 => Just(Step::Delete),
            1 => Just(Step::DeleteBeginning),
            2 => Just(Step::Look),
        ]
    }

    /// What the switch does, at once.
    fn at_once(variables: &mut Variables, name: &str, step: &Step) {
        match step {
            Step::Capture(groups) => {
                variables.delete(name.as_bytes());
                variables.push_all(name.as_bytes(), &groups.kept().collect::<Vec<_>>());
            }
            Step::Set(value) => variables.set(name, *value),
            Step::Push(value) => variables.add(Stack::Push, name.as_bytes(), value.as_bytes()),
            Step::SetElement => variables.set(format!("{name}[1]"), "e"),
            Step::Delete => {
                variables.delete(name.as_bytes());
            }
            Step::DeleteBeginning => variables.beginning(b"DP_REGEX_MATCH").iter().for_each(|name| {
                variables.delete(name.as_bytes());
            }),
            Step::Look => {}
        }
    }

    fn later(scope: &mut Scope<'_>, name: &'static str, step: &Step) {
        match step {
            Step::Capture(groups) => {
                scope.capture(name.as_bytes().into(), Some(&Rc::new(groups.clone()))).unwrap();
            }
            Step::Set(value) => scope.set(name.as_bytes(), value.as_bytes()),
            Step::Push(value) => scope.add(Stack::Push, name.as_bytes(), value.as_bytes()),
            Step::SetElement => scope.set(format!("{name}[1]").as_bytes(), b"e"),
            Step::Delete => scope.delete(name.as_bytes()),
            Step::DeleteBeginning => scope.delete_beginning(b"DP_REGEX_MATCH"),
            Step::Look => {}
        }
    }

    fn changed(variables: &mut Variables, change: &Change) {
        match change {
            Change::Set { name, value } => variables.add(Stack::Set, name.as_bytes(), value.as_bytes()),
            Change::Push { name, value } => variables.add(Stack::Push, name.as_bytes(), value.as_bytes()),
            Change::Delete { name } => assert!(variables.delete(name.as_bytes())),
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        /// Nobody sees that they are no variables yet, and what is noted in the end comes to the same.
        #[test]
        fn they_are_as_if_they_were_variables(
            before in prop::collection::vec(0_usize..4, 0..3),
            steps in prop::collection::vec((0_usize..4, step()), 0..12),
        ) {
            let mut call = Call::new("c", "1");
            before.iter().for_each(|name| call.variables.set(NAMES[*name], "before"));
            let mut eager = call.variables.clone();
            let mut scope = Scope::new(&call);
            for (name, step) in &steps {
                let name = NAMES[*name];
                at_once(&mut eager, name, step);
                later(&mut scope, name, step);
                if matches!(step, Step::Look) {
                    let name = name.to_ascii_lowercase();
                    for index in [-1, 0, 1] {
                        let expected = eager.value(name.as_bytes(), hash(name.as_bytes()), index);
                        let found = scope.look_up(name.as_bytes(), hash(name.as_bytes()), index);
                        prop_assert_eq!(found, Ok(expected.map(Value::as_bytes)));
                    }
                }
            }
            let (changes, variables) = scope.into_changes();
            prop_assert_eq!(variables.as_ref().unwrap_or(&call.variables), &eager);
            let mut told = call.variables.clone();
            changes.iter().for_each(|change| changed(&mut told, change));
            prop_assert_eq!(told, eager);
        }
    }
}
