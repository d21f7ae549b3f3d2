//! Actions and anti-actions (rules 15 and 40 to 45).

use std::rc::Rc;

use super::Hunt;
use super::level::State;
use super::too_much;
use crate::extension::{Action, Condition};
use crate::outcome::Taken;
use crate::scope::MATCH;
use crate::substitute::Groups;
use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;

/// More actions are not taken for one call; `loop` may say a milliard.
pub(crate) const MOST_ACTIONS: usize = 10_000;
/// How many bytes of data they may have together.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What the actions of a condition find of its match.
pub(super) enum Found {
    /// Rule 39: there is nothing to put in.
    Nothing,
    /// The groups.
    Groups(Rc<Groups>),
    /// The switch believes that there are groups, but there is no match.
    Lost,
}

impl Found {
    pub(super) fn of(has_groups: bool, groups: Option<Rc<Groups>>) -> Self {
        match groups {
            _ if !has_groups => Self::Nothing,
            Some(groups) => Self::Groups(groups),
            None => Self::Lost,
        }
    }
}

impl<'a> Hunt<'a> {
    /// Rule 15.
    pub(super) fn act(&mut self, condition: &'a Condition, state: &mut State) -> Known<()> {
        if !state.passed {
            if !condition.has_anti_actions {
                return Ok(());
            }
            for action in &condition.body.anti_actions {
                self.take(action, None, true)?;
                state.proceed = 1;
            }
            return Ok(());
        }
        let groups = match std::mem::replace(&mut state.found, Found::Nothing) {
            Found::Nothing => None,
            // Rule 40.
            Found::Groups(groups) => {
                self.scope.capture(MATCH.into(), Some(&groups))?;
                Some(groups)
            }
            Found::Lost => {
                self.scope.capture(MATCH.into(), None)?;
                if !condition.body.actions.is_empty() {
                    self.at(condition.node, "expression");
                    return unknown(Why::UndefinedInSwitch("groups for the actions, without a match"));
                }
                None
            }
        };
        condition.body.actions.iter().try_for_each(|action| self.take(action, groups.as_deref(), false))
    }

    fn take(&mut self, action: &'a Action, groups: Option<&Groups>, anti: bool) -> Known<()> {
        self.at(action.node, "application");
        // Rule 7.
        self.first = self.first.or(self.place.extension);
        if let Some((what, global)) = &action.missing {
            self.place.what = what;
            return unknown(Why::Global(global.clone()));
        }
        let application = action.application.known()?;
        self.place.what = "data";
        let data: Value = match groups {
            Some(groups) => groups.substitute(action.data.shown())?.into(),
            None => action.data.value().clone(),
        };
        if action.inline {
            action.data.known()?;
        }
        // Rule 44.
        for _ in 0..action.times {
            self.bytes += data.as_bytes().len();
            if self.actions.len() >= MOST_ACTIONS || self.bytes > MOST_BYTES {
                self.place.what = "loop";
                return too_much("the actions that are taken");
            }
            self.actions.push(Taken {
                node: action.node,
                application: application.into(),
                data: data.clone(),
                inline: action.inline,
                anti,
                missing: action.data.missing().to_vec(),
            });
            // Rule 45.
            if action.inline {
                self.run_inline(application, data.as_bytes())?;
            }
        }
        Ok(())
    }
}
