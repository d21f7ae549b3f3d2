//! What a look-up sees while an evaluation goes on, and how it changes.

use std::borrow::Cow;
use std::rc::Rc;

use crate::call::{Call, OtherLeg};
use crate::captured::{Captured, Name};
use crate::expand::{Lookup, Room};
use crate::gate::Passed;
use crate::globals::{Global, harmless};
use crate::names;
use crate::outcome::Change;
use crate::profile::{Profile, ProfileField};
use crate::substitute::Groups;
use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;
use crate::variables::{Stack, Variables, hash};
use crate::words::same_word;

/// The variable with the groups of the last condition that passed with any.
pub(crate) const MATCH: &[u8] = b"DP_MATCH";

/// The variables, the profile and the global variables as they are at this point of the hunt.
pub(crate) struct Scope<'c> {
    pub(crate) call: &'c Call,
    /// Without those of `captured`.
    variables: Cow<'c, Variables>,
    /// Hardly any of what matches find is ever looked at, so it is made a variable only when something else changes.
    captured: Captured,
    profile: Cow<'c, Profile>,
    /// Global variables that were set during the hunt; none is a deleted one.
    globals: Vec<(Value, Option<Value>)>,
    changes: Vec<Change>,
    room: Room,
}

impl<'c> Scope<'c> {
    pub(crate) fn new(call: &'c Call) -> Self {
        Self {
            call,
            variables: Cow::Borrowed(&call.variables),
            captured: Captured::default(),
            profile: Cow::Borrowed(&call.profile),
            globals: Vec::new(),
            changes: Vec::new(),
            room: Room::default(),
        }
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What was changed, and the variables in the end, if they are not those of the call any more.
    pub(crate) fn into_changes(mut self) -> (Vec<Change>, Option<Variables>) {
        self.settle();
        let variables = match self.variables {
            Cow::Borrowed(_) => None,
            Cow::Owned(variables) => Some(variables),
        };
        (self.changes, variables)
    }

    /// Makes variables of what matches found, before anything else changes.
    fn settle(&mut self) {
        for (name, groups) in self.captured.take() {
            let texts: Vec<&[u8]> = groups.kept().collect();
            self.variables.to_mut().push_all(&name, &texts);
            let push = |text: &&[u8]| Change::Push { name: (&*name).into(), value: (*text).into() };
            self.changes.extend(texts.iter().map(push));
        }
    }

    /// Rule 33, with the number that [`hash`] gives for the name.
    pub(crate) fn look_up(&self, name: &[u8], hash: u32, index: i32) -> Known<Option<&[u8]>> {
        if name.is_empty() {
            return Ok(None);
        }
        let variable = match self.captured.find(name, hash) {
            Some(captured) => captured.value(name, hash, index),
            None => self.variables.value(name, hash, index),
        };
        if let Some(value) = variable {
            return Ok(Some(value.as_bytes()));
        }
        let (leg, name) = if let Some(rest) = name.strip_prefix(b"aleg_") {
            (Some(&self.call.originator), rest)
        } else if let Some(rest) = name.strip_prefix(b"bleg_") {
            (Some(&self.call.originatee), rest)
        } else {
            (None, name)
        };
        let profile = match leg {
            None => Some(self.profile()),
            Some(OtherLeg::Is(profile)) => Some(&**profile),
            Some(OtherLeg::None) => None,
            Some(OtherLeg::Unknown) => return unknown(Why::OtherLeg(name.into())),
        };
        let of_profile = || profile?.get(ProfileField::named(name)?);
        if let Some(value) = of_profile() {
            return Ok(Some(value.as_bytes()));
        }
        if let Some((_, value)) = self.globals.iter().rev().find(|(set, _)| same_word(set.as_bytes(), name)) {
            return Ok(value.as_ref().map(Value::as_bytes));
        }
        match self.call.globals.get(name) {
            Global::Is(value) => Ok(Some(value.as_bytes())),
            Global::Nowhere => Ok(None),
            Global::OfSwitch => unknown(Why::Global(name.into())),
        }
    }

    /// `switch_channel_get_variable`, for what the switch itself looks at. Nobody is expected to have a global variable
    /// of such a name unless he says so.
    pub(crate) fn text(&self, name: &str) -> Known<Option<Value>> {
        match self.look_up(name.as_bytes(), hash(name.as_bytes()), -1) {
            Ok(value) => Ok(value.map(Value::from)),
            Err(why) if matches!(*why, Why::Global(_)) && !self.call.globals.is_of_switch(name) => Ok(None),
            Err(why) => Err(why),
        }
    }

    /// Sets a variable, or deletes it if the value is empty.
    pub(crate) fn set(&mut self, name: &[u8], value: &[u8]) {
        self.add(Stack::Set, name, value);
    }

    pub(crate) fn add(&mut self, stack: Stack, name: &[u8], value: &[u8]) {
        if name.is_empty() {
            return;
        }
        if value.is_empty() {
            return self.delete(name);
        }
        self.settle();
        self.variables.to_mut().add(stack, name, value);
        let (name, value) = (name.into(), value.into());
        self.changes.push(match stack {
            Stack::Set => Change::Set { name, value },
            Stack::Push => Change::Push { name, value },
            Stack::Unshift => Change::Unshift { name, value },
        });
    }

    /// Rule 40: groups as an array that takes the place of the old variable; without any it is deleted.
    pub(crate) fn capture(&mut self, name: Name, groups: Option<&Rc<Groups>>) -> Known<()> {
        self.uncapture(&name);
        let Some(groups) = groups else { return Ok(()) };
        let bytes = groups.kept_bytes();
        if bytes > 0 {
            self.room.spend(bytes)?;
            self.captured.add(name, groups.clone());
        }
        Ok(())
    }

    /// The same for the conditions that a gate saw pass. Says whether there is room; without it nothing is done.
    pub(crate) fn capture_passed(&mut self, passed: Passed) -> bool {
        let Some(groups) = passed.groups else { return true };
        if !self.room.has_spent(passed.captures, passed.bytes) {
            return false;
        }
        if !self.captured.ends_with(MATCH, &groups) {
            self.uncapture(MATCH);
            if groups.kept_bytes() > 0 {
                self.captured.add(MATCH.into(), groups);
            }
        }
        true
    }

    fn uncapture(&mut self, name: &[u8]) {
        if !self.captured.remove(name) {
            self.delete(name);
        }
    }

    pub(crate) fn delete(&mut self, name: &[u8]) {
        let hash = hash(name);
        if self.captured.find(name, hash).is_some() {
            self.settle();
        }
        // Nothing is copied, and nothing noted, where there is nothing to delete.
        if self.variables.value(name, hash, -1).is_some() {
            self.settle();
            self.variables.to_mut().delete(name);
            self.changes.push(Change::Delete { name: name.into() });
        }
    }

    /// `unset`: nothing without a name.
    pub(crate) fn delete_named(&mut self, name: &[u8]) {
        if !name.is_empty() {
            self.delete(name);
        }
    }

    pub(crate) fn delete_beginning(&mut self, prefix: &[u8]) {
        self.captured.remove_beginning(prefix);
        for name in self.variables.beginning(prefix) {
            self.delete(name.as_bytes());
        }
    }

    /// `switch_core_set_variable`.
    pub(crate) fn set_global(&mut self, name: &[u8], value: Option<&[u8]>) {
        self.settle();
        let value = value.map(|value| Value::from(harmless(value)));
        self.globals.push((name.into(), value.clone()));
        self.changes.push(Change::SetGlobal { name: name.into(), value });
    }

    /// `switch_channel_set_profile_var`.
    pub(crate) fn set_profile(&mut self, name: &[u8], value: &[u8]) {
        self.settle();
        self.profile.to_mut().set_variable(name, value);
        self.changes.push(Change::SetProfile { name: name.into(), value: value.into() });
    }

    /// The call ends when the hunt does.
    pub(crate) fn hang_up(&mut self, cause: &'static str) {
        self.settle();
        self.changes.push(Change::HangUp { cause });
    }
}

impl Lookup for Scope<'_> {
    fn variable(&self, name: &[u8], index: i32) -> Known<Option<&[u8]>> {
        self.look_up(name, hash(name), index)
    }

    fn api(&self, name: &[u8], argument: &[u8]) -> Known<Option<&[u8]>> {
        if let Some(result) = self.call.api(name, argument) {
            return Ok(Some(result.as_bytes()));
        }
        // Rule 34: what no module has gives nothing.
        if names::is_api(name) {
            return unknown(Why::Api { name: name.into(), argument: argument.into() });
        }
        Ok(None)
    }

    fn room(&self) -> &Room {
        &self.room
    }
}
