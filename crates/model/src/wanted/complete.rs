//! The whole element, made of what somebody wants and of what is stored.

use std::collections::HashMap;

use super::json::child;
use super::patch::no_short_form;
use super::{Attributes, Fault, Short, Wanted};
use crate::declare::Inside;
use crate::merge::keys;
use crate::node::{Node, NodeId, TEXT_TAG};

/// What becomes of disabled nodes that are not mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disabled {
    /// They go as others do.
    Go,
    /// They stay: XML cannot mention them.
    Stay,
}

/// What an address says of the element at its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Called<'a> {
    /// Its tag, where there is only one that it can have.
    pub tag: Option<&'a str>,
    /// The tag that it gets when nobody says one.
    pub usual_tag: Option<&'a str>,
    /// Its name.
    pub name: Option<&'a str>,
}

/// The element as it is to be, with the ids of the nodes that stay. `inside` is that of its parent; `stored` is what is
/// there, known so far down as [`Wanted::depth`] says.
///
/// # Errors
/// Everything that is wrong.
pub fn complete(
    wanted: &Wanted,
    stored: Option<&Node>,
    inside: &Inside,
    called: Called<'_>,
    disabled: Disabled,
) -> Result<Node, Vec<Fault>> {
    let mut completing = Completing { disabled, faults: Vec::new() };
    let node = completing.node(wanted, stored, inside, called, "");
    if completing.faults.is_empty() { Ok(node) } else { Err(completing.faults) }
}

struct Completing {
    disabled: Disabled,
    faults: Vec<Fault>,
}

impl Completing {
    fn fault(&mut self, pointer: &str, message: impl Into<String>) {
        if self.faults.len() < 100 {
            self.faults.push(Fault::new(pointer, message));
        }
    }

    fn node(
        &mut self,
        wanted: &Wanted,
        stored: Option<&Node>,
        inside: &Inside,
        called: Called<'_>,
        pointer: &str,
    ) -> Node {
        let mut node = self.head(wanted, stored, called, pointer);
        if let Some(name) = called.name.or(wanted.key.as_deref()) {
            if wanted.key.as_deref().is_some_and(|key| key != name) {
                self.fault(&child(pointer, "key"), format!("the address says {name:?}"));
            }
            self.give_name(&mut node, inside, name, pointer);
        }
        let own = inside.enter(&node);
        if wanted.children.is_none() && wanted.short.is_empty() {
            node.children = stored.map(|stored| stored.children.clone()).unwrap_or_default();
        } else {
            node.children = self.children(wanted, stored, &own, pointer);
        }
        check_text(&node, pointer, &mut self.faults);
        node
    }

    fn head(&mut self, wanted: &Wanted, stored: Option<&Node>, called: Called<'_>, pointer: &str) -> Node {
        let certain = stored.map(|stored| &*stored.tag).or(called.tag);
        let tag = match (wanted.tag.as_deref(), certain) {
            (Some(wanted), Some(certain)) if wanted != certain => {
                self.fault(
                    &child(pointer, "tag"),
                    format!("the element here is <{certain}>, not <{wanted}>"),
                );
                certain
            }
            (wanted, certain) => wanted.or(certain).or(called.usual_tag).unwrap_or_else(|| {
                self.fault(pointer, "the member tag is missing; what is here is not declared");
                ""
            }),
        };
        let pairs = |pairs: &[(String, String)]| -> Vec<(crate::Text, crate::Text)> {
            pairs.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect()
        };
        let old = stored.map(|stored| stored.attributes.clone()).unwrap_or_default();
        let mut node = Node { attributes: old, ..Node::new(tag) };
        match &wanted.attributes {
            Some(Attributes::All(all)) => node.attributes = pairs(all),
            Some(Attributes::AtLeast(some)) => {
                some.iter().for_each(|(name, value)| node.set_attribute(name, value.as_str()));
            }
            None => {}
        }
        node.id = stored.map_or(NodeId::NEW, |stored| stored.id);
        node.enabled = wanted.enabled.or(stored.map(|stored| stored.enabled)).unwrap_or(true);
        node.text = match &wanted.text {
            Some(text) => text.as_deref().map(Into::into),
            None => stored.and_then(|stored| stored.text.clone()),
        };
        node
    }

    /// Makes the element be called what its address says.
    fn give_name(&mut self, node: &mut Node, inside: &Inside, name: &str, pointer: &str) {
        let Some(attribute) = inside.name_attribute(node) else {
            // A place is not given, and a wrapper is its tag.
            let is_wrapper = inside.element(node).is_none_or(|element| !element.is_item());
            if is_wrapper && &*node.tag != name {
                self.fault(&child(pointer, "tag"), format!("<{}> is not called {name:?}", node.tag));
            }
            return;
        };
        let is_known = inside.element(node).is_some();
        match node.attribute(attribute) {
            Some(given) if given == name => {}
            // What has no name of its own is called by its tag.
            None if !is_known && &*node.tag == name => {}
            None => node.attributes.insert(0, (attribute.into(), name.into())),
            Some(given) => {
                let message = format!("the address says {name:?}, and this is {given:?}");
                self.fault(&child(&child(pointer, "attributes"), attribute), message);
            }
        }
    }

    fn children(&mut self, wanted: &Wanted, stored: Option<&Node>, own: &Inside, pointer: &str) -> Vec<Node> {
        let old = stored.map(|stored| stored.children.as_slice()).unwrap_or_default();
        let mut all: Vec<(Wanted, String)> = Vec::new();
        let given = wanted.children.iter().flatten();
        let at = child(pointer, "children");
        all.extend((0_usize..).zip(given).map(|(index, it)| (it.clone(), child(&at, &index.to_string()))));
        for short in &wanted.short {
            let at = child(pointer, &short.member);
            let Some(form) = own.short_form(&short.member) else {
                let fault = no_short_form(own, &at, &short.member);
                self.fault(&fault.pointer, fault.message);
                continue;
            };
            let items = items(short, form.item.tag);
            match form.wrapper {
                None => all.extend(items.map(|item| (item, at.clone()))),
                Some(wrapper) if all.iter().any(|(other, _)| other.tag.as_deref() == Some(wrapper.tag)) => {
                    self.fault(&at, format!("<{}> is among the children too", wrapper.tag));
                }
                Some(wrapper) => {
                    let tag = Some(wrapper.tag.to_owned());
                    let member = form.item.plural.unwrap_or(form.member).to_owned();
                    let short = vec![Short { member, values: short.values.clone() }];
                    let holder = Wanted { tag, short, ..Wanted::default() };
                    all.push((holder, at));
                }
            }
        }
        let heads: Vec<Node> = all.iter().map(|(wanted, at)| self.head_of(wanted, own, at)).collect();
        let matched = pair(&all, &heads, old, self.disabled);
        let mut children: Vec<(Option<usize>, Node)> = Vec::with_capacity(all.len());
        for (((wanted, at), head), index) in all.iter().zip(&heads).zip(&matched) {
            let stored = index.map(|index| &old[index]);
            let called = Called { usual_tag: Some(&head.tag), ..Called::default() };
            children.push((*index, self.node(wanted, stored, own, called, at)));
        }
        if wanted.children.is_none() {
            // Objects have no order: that of what is there stays, and new ones are last.
            children.sort_by_key(|(index, _)| index.unwrap_or(usize::MAX));
        }
        if self.disabled == Disabled::Stay {
            keep_disabled(&mut children, old);
        }
        children.into_iter().map(|(_, node)| node).collect()
    }

    /// Enough of a child to find it among those that are there.
    fn head_of(&mut self, wanted: &Wanted, own: &Inside, pointer: &str) -> Node {
        let tag = own.tag_for(None, wanted.key.as_deref());
        if wanted.tag.is_none() && tag.is_none() {
            self.fault(pointer, "the member tag is missing; more than one kind of element can be here");
        }
        let mut head = Node::new(wanted.tag.as_deref().or(tag).unwrap_or("unknown"));
        if let Some(Attributes::All(pairs) | Attributes::AtLeast(pairs)) = &wanted.attributes {
            pairs.iter().for_each(|(name, value)| head.set_attribute(name, value.as_str()));
        }
        if let (Some(key), Some(attribute)) = (&wanted.key, own.name_attribute(&head))
            && head.attribute(attribute).is_none()
            && (own.element(&head).is_some() || **key != *head.tag)
        {
            head.set_attribute(attribute, key.as_str());
        }
        head.text = wanted.text.clone().flatten().map(Into::into);
        head
    }
}

/// The elements of a short form.
fn items<'s>(short: &'s Short, tag: &'static str) -> impl Iterator<Item = Wanted> + use<'s> {
    short.values.iter().flat_map(move |(name, values)| {
        values.iter().map(move |value| {
            let pairs = vec![("name".to_owned(), name.clone()), ("value".to_owned(), value.clone())];
            let attributes = Some(Attributes::AtLeast(pairs));
            Wanted { tag: Some(tag.to_owned()), attributes, ..Wanted::default() }
        })
    })
}

/// Which of the stored children each wanted one is.
fn pair(all: &[(Wanted, String)], heads: &[Node], old: &[Node], disabled: Disabled) -> Vec<Option<usize>> {
    let by_id: HashMap<NodeId, usize> = old.iter().enumerate().map(|(index, it)| (it.id, index)).collect();
    let mut free = vec![true; old.len()];
    let mut matched: Vec<Option<usize>> = vec![None; heads.len()];
    for (place, ((wanted, _), head)) in all.iter().zip(heads).enumerate() {
        let index = wanted.id.and_then(|id| by_id.get(&id).copied());
        if let Some(index) = index.filter(|index| free[*index] && old[*index].tag == head.tag) {
            matched[place] = Some(index);
            free[index] = false;
        }
    }
    let mut left: Vec<usize> = (0..old.len()).filter(|index| free[*index]).collect();
    if disabled == Disabled::Stay {
        // Of two of one name the enabled one is meant.
        left.sort_by_key(|index| !old[*index].enabled);
    }
    let mut known: HashMap<_, usize> =
        keys(left.iter().map(|index| &old[*index])).zip(left.iter().copied()).collect();
    let open: Vec<usize> = (0..heads.len()).filter(|place| matched[*place].is_none()).collect();
    for (place, key) in open.iter().zip(keys(open.iter().map(|place| &heads[*place]))) {
        matched[*place] = known.remove(&key);
    }
    matched
}

/// Puts disabled nodes that nobody mentioned where they were: behind what stood before them.
fn keep_disabled(children: &mut Vec<(Option<usize>, Node)>, old: &[Node]) {
    for (index, lost) in old.iter().enumerate().filter(|(_, old)| !old.enabled) {
        if children.iter().any(|(known, _)| *known == Some(index)) {
            continue;
        }
        let before =
            (0..index).rev().find_map(|before| children.iter().position(|(at, _)| *at == Some(before)));
        children.insert(before.map_or(0, |before| before + 1), (Some(index), lost.clone()));
    }
}

/// An element has a text, or elements below it.
pub(super) fn check_text(node: &Node, pointer: &str, faults: &mut Vec<Fault>) {
    if node.text.is_some() && !node.children.is_empty() {
        let message = format!("a text beside elements is a child with the tag {TEXT_TAG}");
        faults.push(Fault::new(child(pointer, "text"), message));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::edit::{At, Edit};
    use crate::wanted::{Patch, edits};
    use crate::xml::{Limits, Style, parse, print};

    fn xml(text: &str) -> Node {
        parse(text, &Limits::default()).unwrap().roots.remove(0)
    }

    /// As a store would number them.
    fn stored(text: &str) -> Node {
        fn number(node: &mut Node, next: &mut i64) {
            node.id = NodeId(*next);
            *next += 1;
            node.children.iter_mut().for_each(|child| number(child, next));
        }
        let mut node = xml(text);
        number(&mut node, &mut 1);
        node
    }

    /// The inside of a domain.
    fn domain() -> Inside {
        ["<document/>", "<section name='directory'/>", "<domain name='d'/>"]
            .into_iter()
            .fold(Inside::OUTSIDE, |inside, head| inside.enter(&xml(head)))
    }

    const USER: Called<'_> = Called { tag: Some("user"), usual_tag: None, name: Some("1000") };

    fn put(old: Option<&Node>, body: &Value) -> Result<Node, Vec<String>> {
        let wanted = Wanted::from_json(body, "").unwrap();
        complete(&wanted, old, &domain(), USER, Disabled::Go).map_err(shown)
    }

    fn shown(faults: Vec<Fault>) -> Vec<String> {
        faults.into_iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect()
    }

    fn compact(node: &Node) -> String {
        print(node, Style::Compact)
    }

    #[test]
    fn a_new_user_from_what_an_integrator_has() {
        let body =
            json!({"attributes": {"cidr": "10.0.0.0/8"}, "params": {"password": "x"}, "variables": {"a": 1}});
        let user = put(None, &body).unwrap();
        assert_eq!(
            compact(&user),
            "<user id=\"1000\" cidr=\"10.0.0.0/8\"><params><param name=\"password\" value=\"x\"/></params>\
             <variables><variable name=\"a\" value=\"1\"/></variables></user>"
        );
        assert_eq!(compact(&put(None, &json!({})).unwrap()), "<user id=\"1000\"/>");
    }

    #[test]
    fn what_is_not_said_stays_and_what_is_said_is_exact() {
        let old = stored(
            "<user id='1000' cidr='x'><params><param name='a' value='1'/><param name='b' value='2'/></params>\
             <variables><variable name='v' value='1' direction='inbound'/></variables></user>",
        );
        let edits_of = |body: Value| edits(&old, &put(Some(&old), &body).unwrap());
        for same in [
            json!({}),
            json!({"key": "1000", "tag": "user", "enabled": true}),
            json!({"attributes": {"cidr": "x", "id": "1000"}, "text": null}),
            json!({"children": [{"tag": "params"}, {"tag": "variables"}]}),
            json!({"variables": {"v": "1"}, "params": {"b": "2", "a": "1"}}),
            json!({"children": [{"id": 2, "tag": "params", "children": [{"id": 3}, {"id": 4}]}, {"tag": "variables"}]}),
        ] {
            assert_eq!(edits_of(same.clone()), [], "{same}");
        }
        assert_eq!(edits_of(json!({"params": {"a": "1", "b": "2"}})), [Edit::Delete { id: NodeId(5) }]);
        let edits = edits_of(json!({"params": {"b": "3", "c": "4"}, "variables": {"v": "1"}}));
        assert_eq!(edits.len(), 3, "{edits:?}");
        assert_eq!(edits[0], Edit::Delete { id: NodeId(3) });
        assert!(
            matches!(&edits[1], Edit::Update { id: NodeId(4), attributes, .. } if &*attributes[1].1 == "3")
        );
        assert!(matches!(&edits[2], Edit::Insert { parent: NodeId(2), at: At::After(NodeId(4)), .. }));
        let moved = edits_of(json!({"children": [{"tag": "variables"}, {"tag": "params"}]}));
        assert_eq!(moved.len(), 1, "{moved:?}");
    }

    #[test]
    fn what_contradicts_the_address_or_itself() {
        let old = stored("<user id='1000'/>");
        for (body, pointer) in [
            (json!({"key": "1001"}), "/key"),
            (json!({"tag": "group"}), "/tag"),
            (json!({"attributes": {"id": "1001"}}), "/attributes/id"),
            (json!({"settings": {"a": "b"}}), "/settings"),
            (json!({"children": [{}]}), "/children/0"),
            (json!({"children": [{"tag": "params"}], "params": {}}), "/params"),
            (json!({"text": "x", "params": {}}), "/text"),
        ] {
            let faults = put(Some(&old), &body).unwrap_err();
            assert!(faults[0].starts_with(&format!("{pointer}: ")), "{body}: {faults:?}");
        }
    }

    #[test]
    fn xml_says_all_but_what_is_disabled() {
        let mut old = stored(
            "<user id='1000'><params><param name='a' value='1'/><param name='b' value='2'/></params></user>",
        );
        old.children[0].children[0].enabled = false;
        let again = xml(&compact(&old));
        let new = complete(&Wanted::from_xml(&again), Some(&old), &domain(), USER, Disabled::Stay).unwrap();
        assert_eq!(edits(&old, &new), []);
        let other = xml(
            "<user id='1000'><params><param name='b' value='3'/><param name='c' value='1'/></params>t</user>",
        );
        let new = complete(&Wanted::from_xml(&other), Some(&old), &domain(), USER, Disabled::Stay).unwrap();
        assert_eq!(new.children[0].children.len(), 3);
        assert_eq!(&*new.children[1].tag, TEXT_TAG);
    }

    #[test]
    fn patches_touch_what_they_name() {
        let old = stored(
            "<user id='1000' cidr='x'><params><param name='a' value='1'/><param name='b' value='2'/>\
             <param name='a' value='3'/></params></user>",
        );
        let patched =
            |body: Value| Patch::from_json(&body).unwrap().apply(&domain(), &old, "1000").map_err(shown);
        assert_eq!(edits(&old, &patched(json!({})).unwrap()), []);
        let node = patched(json!({
            "attributes": {"cidr": null, "number-alias": 7}, "enabled": false,
            "params": {"a": ["1", "9", "8"], "b": null, "c": true}, "variables": {"v": "1", "w": null}
        }));
        let mut node = node.unwrap();
        assert!(!node.enabled);
        node.enabled = true;
        assert_eq!(
            compact(&node),
            "<user id=\"1000\" number-alias=\"7\"><params><param name=\"a\" value=\"1\"/><param name=\"a\" value=\"9\"/>\
             <param name=\"a\" value=\"8\"/><param name=\"c\" value=\"true\"/></params>\
             <variables><variable name=\"v\" value=\"1\"/></variables></user>"
        );
        assert_eq!(compact(&patched(json!({"params": null})).unwrap()), "<user id=\"1000\" cidr=\"x\"/>");
        assert!(patched(json!({"key": "7"})).unwrap_err()[0].starts_with("/key"));
        assert!(patched(json!({"settings": {}})).unwrap_err()[0].contains("params, variables"));
        assert!(patched(json!({"text": "x"})).unwrap_err()[0].starts_with("/text"));
    }
}
