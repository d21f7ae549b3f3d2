//! Between nodes and rows: a row is one node without its children.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use custompbx_model::{Attribute, Node, NodeId, Text};
use serde::de::{DeserializeSeed, SeqAccess, Visitor};

use crate::engine::Row;
use crate::error::{Error, Operation, Result};

/// One node as it lies in its table.
#[derive(Clone, Debug)]
pub(crate) struct Flat {
    pub(crate) parent: Option<NodeId>,
    /// Greater than those of the siblings before.
    pub(crate) order: i64,
    /// That of a user.
    pub(crate) domain: Option<NodeId>,
    /// Without children.
    pub(crate) node: Node,
}

/// What [`Flat::read`] wants to be selected, in this order.
///
/// A recursive query carries these columns along instead of joining its ids with the table in the end: planners take
/// such a join for a reason to read the whole table.
macro_rules! flat_columns {
    () => {
        "node.id, node.parent_id, node.order_key, node.tag, node.attributes, node.text, node.enabled, node.domain_id"
    };
}
pub(crate) use flat_columns;

/// The same without the table's name: the columns of a recursive query.
macro_rules! flat_names {
    () => {
        "id, parent_id, order_key, tag, attributes, text, enabled, domain_id"
    };
}
pub(crate) use flat_names;

impl Flat {
    pub(crate) fn read(row: &Row, texts: &mut Texts) -> Result<Self> {
        let id = row.int(0)?;
        let attributes =
            parse_attributes(row.text(4)?, texts).map_err(|error| corrupt_attributes(id, error))?;
        Ok(Self {
            parent: row.optional_int(1)?.map(NodeId),
            order: row.int(2)?,
            domain: row.optional_int(7)?.map(NodeId),
            node: Node {
                id: NodeId(id),
                enabled: row.bool(6)?,
                tag: texts.share(row.text(3)?),
                attributes,
                text: row.optional_text(5)?.map(|text| texts.share(text)),
                children: Vec::new(),
            },
        })
    }
}

pub(crate) fn corrupt_attributes(id: i64, error: serde_json::Error) -> Error {
    Error::Corrupt {
        operation: Operation("read a node".into()),
        table: "node",
        column: "attributes".into(),
        row: id.to_string(),
        source: Box::new(error),
    }
}

/// Texts that were read already: a directory repeats the same few endlessly.
#[derive(Default)]
pub(crate) struct Texts(HashSet<Text>);

impl Texts {
    pub(crate) fn share(&mut self, text: &str) -> Text {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text: Text = text.into();
        self.0.insert(Arc::clone(&text));
        text
    }
}

/// `["name","value","name","value"]`
pub(crate) fn attributes_json(attributes: &[Attribute]) -> String {
    let mut out = String::new();
    push_attributes(&mut out, attributes);
    out
}

/// [`attributes_json`] appended to `out`.
pub(crate) fn push_attributes(out: &mut String, attributes: &[Attribute]) {
    out.push('[');
    for (at, (name, value)) in attributes.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_text(out, name);
        out.push(',');
        push_text(out, value);
    }
    out.push(']');
}

/// A text as JSON.
pub(crate) fn push_text(out: &mut String, text: &str) {
    // Nearly all texts are like this, and a million of them are written at once.
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

pub(crate) fn parse_attributes(
    json: &str,
    texts: &mut Texts,
) -> std::result::Result<Vec<Attribute>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(json);
    let attributes = Attributes(texts).deserialize(&mut json)?;
    json.end()?;
    Ok(attributes)
}

/// Reads a flat array as attributes, without a text of its own for what is known.
pub(crate) struct Attributes<'t>(pub(crate) &'t mut Texts);

impl<'de> DeserializeSeed<'de> for Attributes<'_> {
    type Value = Vec<Attribute>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_> {
    type Value = Vec<Attribute>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("names and values in turn")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> std::result::Result<Self::Value, A::Error> {
        let mut attributes = Vec::new();
        while let Some(name) = array.next_element_seed(Shared(self.0))? {
            let Some(value) = array.next_element_seed(Shared(self.0))? else {
                return Err(serde::de::Error::invalid_length(attributes.len() * 2 + 1, &"pairs"));
            };
            attributes.push((name, value));
        }
        Ok(attributes)
    }
}

struct Shared<'t>(&'t mut Texts);

impl<'de> DeserializeSeed<'de> for Shared<'_> {
    type Value = Text;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<Text, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Shared<'_> {
    type Value = Text;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Text, E> {
        Ok(self.0.share(text))
    }
}

/// Puts rows together, whatever their order. What has no parent among them comes out, in the order of parents and
/// keys.
pub(crate) fn assemble(mut rows: Vec<Flat>) -> Vec<Flat> {
    rows.sort_unstable_by_key(|row| (row.parent, row.order));
    // Where the children of each parent begin and end.
    let mut ranges: HashMap<NodeId, (usize, usize)> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(parent) = row.parent {
            ranges.entry(parent).or_insert((at, at)).1 = at + 1;
        }
    }
    let ids: HashSet<NodeId> = rows.iter().map(|row| row.node.id).collect();
    let top: Vec<usize> =
        (0..rows.len()).filter(|at| rows[*at].parent.is_none_or(|parent| !ids.contains(&parent))).collect();
    drop(ids);
    let mut rows: Vec<Option<Flat>> = rows.into_iter().map(Some).collect();
    top.into_iter().filter_map(|at| take(at, &mut rows, &ranges)).collect()
}

fn take(at: usize, rows: &mut [Option<Flat>], ranges: &HashMap<NodeId, (usize, usize)>) -> Option<Flat> {
    let mut row = rows[at].take()?;
    if let Some((start, end)) = ranges.get(&row.node.id) {
        row.node.children = Vec::with_capacity(end - start);
        for child in *start..*end {
            row.node.children.extend(take(child, rows, ranges).map(|child| child.node));
        }
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive() {
        let attributes: Vec<Attribute> =
            [("name", "a\"b\\c,[]"), ("", ""), ("ü", "😀\u{1}\n"), ("name", "twice")]
                .map(|(name, value)| (name.into(), value.into()))
                .to_vec();
        let json = attributes_json(&attributes);
        assert_eq!(parse_attributes(&json, &mut Texts::default()).unwrap(), attributes);
        assert!(parse_attributes("[\"odd\"]", &mut Texts::default()).is_err());
        assert!(parse_attributes("[] []", &mut Texts::default()).is_err());
    }

    #[test]
    fn rows_in_any_order_become_trees() {
        let flat = |id: i64, parent: i64, order| Flat {
            parent: (parent > 0).then_some(NodeId(parent)),
            order,
            domain: None,
            node: Node { id: NodeId(id), ..Node::new("t") },
        };
        let trees = assemble(vec![
            flat(5, 2, 2_000),
            flat(4, 2, -1_000),
            flat(2, 1, 1),
            flat(9, 8, 3),
            flat(3, 1, 2),
        ]);
        let ids: Vec<i64> = trees.iter().map(|tree| tree.node.id.0).collect();
        assert_eq!(ids, [2, 3, 9]);
        let below: Vec<i64> = trees[0].node.children.iter().map(|child| child.id.0).collect();
        assert_eq!(below, [4, 5]);
    }
}
