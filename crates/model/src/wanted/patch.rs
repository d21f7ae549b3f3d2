//! Changing a few members of an element.

use super::json::child;
use super::{Fault, ShortForm};
use crate::declare::Inside;
use crate::node::Node;

/// What is to be otherwise. A member that is not there stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    /// The tag that the element is believed to have.
    pub tag: Option<String>,
    /// The name that the element is believed to have.
    pub key: Option<String>,
    /// Attributes with their new values; `None` takes one away.
    pub attributes: Vec<(String, Option<String>)>,
    /// The text, or that there shall be none.
    pub text: Option<Option<String>>,
    /// Whether it shall be enabled.
    pub enabled: Option<bool>,
    /// Names and values below it.
    pub short: Vec<(String, ShortPatch)>,
}

/// A change of names and values.
#[derive(Clone, Debug, PartialEq)]
pub enum ShortPatch {
    /// All of them go.
    Away,
    /// These names get these values; without any, they go.
    Values(Vec<(String, Vec<String>)>),
}

impl Patch {
    /// How many levels below the element have to be known.
    pub fn depth(&self) -> usize {
        if self.short.is_empty() { usize::from(matches!(self.text, Some(Some(_)))) } else { 2 }
    }

    /// The element as it is to be. `inside` is that of its parent, `name` the name that it has in its address.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn apply(&self, inside: &Inside, stored: &Node, name: &str) -> Result<Node, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut node = stored.clone();
        if self.tag.as_deref().is_some_and(|tag| tag != &*node.tag) {
            faults.push(Fault::new("/tag", format!("the element here is <{}>", node.tag)));
        }
        if self.key.as_deref().is_some_and(|key| key != name) {
            let way = "it is renamed by the attribute that names it";
            faults.push(Fault::new("/key", format!("the element here is called {name:?}; {way}")));
        }
        for (name, value) in &self.attributes {
            match value {
                Some(value) => node.set_attribute(name, value.as_str()),
                None => node.attributes.retain(|(known, _)| &**known != name.as_str()),
            }
        }
        if let Some(text) = &self.text {
            node.text = text.as_deref().map(Into::into);
        }
        node.enabled = self.enabled.unwrap_or(node.enabled);
        let own = inside.enter(&node);
        for (member, change) in &self.short {
            match own.short_form(member) {
                Some(form) => apply_short(&mut node, form, change),
                None => faults.push(no_short_form(&own, &child("", member), member)),
            }
        }
        super::complete::check_text(&node, "", &mut faults);
        if faults.is_empty() { Ok(node) } else { Err(faults) }
    }
}

/// Says which short forms there are.
pub(super) fn no_short_form(own: &Inside, pointer: &str, member: &str) -> Fault {
    let known: Vec<&str> = own.short_forms().map(|form| form.member).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Fault::new(pointer, format!("there is no member {member}; of names and values there are: {known}"))
}

fn apply_short(node: &mut Node, form: ShortForm, change: &ShortPatch) {
    let holder = match form.wrapper {
        None => node,
        Some(wrapper) => {
            if *change == ShortPatch::Away {
                node.children.retain(|child| &*child.tag != wrapper.tag);
                return;
            }
            let at = node.children.iter().position(|child| &*child.tag == wrapper.tag);
            let at = at.unwrap_or_else(|| {
                node.children.push(Node::new(wrapper.tag));
                node.children.len() - 1
            });
            &mut node.children[at]
        }
    };
    let is_item = |child: &Node| &*child.tag == form.item.tag;
    match change {
        ShortPatch::Away => holder.children.retain(|child| !is_item(child)),
        ShortPatch::Values(values) => {
            for (name, values) in values {
                set_values(holder, form.item.tag, name, values);
            }
        }
    }
}

/// Gives the items of this name these values, one each.
fn set_values(holder: &mut Node, tag: &str, name: &str, values: &[String]) {
    let mut left = values.iter();
    let mut last = None;
    let mut at = 0;
    holder.children.retain_mut(|child| {
        if &*child.tag != tag || child.attribute("name") != Some(name) {
            at += 1;
            return true;
        }
        let Some(value) = left.next() else { return false };
        if child.attribute("value") != Some(value) {
            child.set_attribute("value", value.as_str());
        }
        at += 1;
        last = Some(at);
        true
    });
    let new = left.map(|value| Node::new(tag).with("name", name).with("value", value.as_str()));
    let place = last.unwrap_or(holder.children.len());
    holder.children.splice(place..place, new);
}
