//! Recording the steps of a revision.
//!
//! A step's nodes are written as one flat array, parents first, each with its depth: nesting would be as deep as the
//! tree is, and parsers limit that.

use std::fmt::Write as _;
use std::sync::OnceLock;

use custompbx_model::{Attribute, Node, NodeId};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::place::Place;
use crate::engine::{BATCH, Column, Table, Tx, Value};
use crate::error::Result;
use crate::flat::{Attributes, Texts, push_attributes, push_text};
use crate::revision::{Op, RevisionId, Siblings};

/// About how many nodes one step has at most, so that no row grows beyond all bounds.
const MOST_NODES: usize = 256;
/// From more steps on it is worth while to make some while the database takes others; and so many are made at a time.
const FEW: usize = 32;

static CHANGE: Table = Table {
    name: "change",
    columns: &[
        ("revision_id", Column::Int),
        ("seq", Column::Int),
        ("node_id", Column::Int),
        ("parent_id", Column::Int),
        ("op", Column::Text),
        ("before", Column::Text),
        ("after", Column::Text),
    ],
    full_batch: OnceLock::new(),
};

/// Neighbours that are still part of a larger tree.
#[derive(Clone, Copy)]
pub(super) struct Stand<'n> {
    pub(super) parent: Option<NodeId>,
    /// Of the first.
    pub(super) place: Place,
    pub(super) nodes: &'n [Node],
    /// Whether their children come or go with them.
    pub(super) deep: bool,
}

impl Stand<'_> {
    /// Some of them.
    fn part(self, from: usize, count: usize, deep: bool) -> Self {
        let Place { position, after } = self.place;
        let place = match from.checked_sub(1) {
            Some(before) => Place {
                position: position + i64::try_from(from).unwrap_or_default(),
                after: Some(self.nodes[before].id),
            },
            None => Place { position, after },
        };
        Self { place, nodes: &self.nodes[from..from + count], deep, ..self }
    }
}

/// Writes steps, many at once.
pub(super) struct Recorder {
    revision: RevisionId,
    seq: i64,
    values: Vec<Value<'static>>,
}

impl Recorder {
    pub(super) fn new(revision: RevisionId) -> Self {
        Self { revision, seq: 0, values: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seq == 0
    }

    /// One step; `before` or `after` has at least one node.
    pub(super) async fn step(
        &mut self,
        tx: &mut Tx,
        op: Op,
        before: Option<Stand<'_>>,
        after: Option<Stand<'_>>,
    ) -> Result<()> {
        self.values.extend(row(self.revision, &mut self.seq, op, before, after));
        if self.values.len() >= BATCH * CHANGE.columns.len() {
            self.flush(tx).await?;
        }
        Ok(())
    }

    /// Nodes that come or go with all below them, in as many steps as they need; of what goes, the last first.
    pub(super) async fn whole(&mut self, tx: &mut Tx, op: Op, stand: Stand<'_>) -> Result<()> {
        let mut steps = Vec::new();
        split(stand, &mut steps);
        if op == Op::Delete {
            steps.reverse();
        }
        if steps.len() > FEW {
            self.flush(tx).await?;
            let mut steps = steps.into_iter();
            let Self { seq, revision, .. } = self;
            let batches = std::iter::from_fn(|| {
                let batch = steps.by_ref().take(FEW).flat_map(|step| {
                    let (before, after) = coming_or_going(op, step);
                    row(*revision, seq, op, before, after)
                });
                let batch: Vec<_> = batch.collect();
                (!batch.is_empty()).then_some(batch)
            });
            return tx.insert_each(&CHANGE, batches, |_| {}).await;
        }
        for step in steps {
            let (before, after) = coming_or_going(op, step);
            self.step(tx, op, before, after).await?;
        }
        Ok(())
    }

    /// Writes what has not been written.
    pub(super) async fn flush(&mut self, tx: &mut Tx) -> Result<()> {
        tx.insert(&CHANGE, &self.values).await?;
        self.values.clear();
        Ok(())
    }
}

/// What there was and what there is when neighbours come, or go.
fn coming_or_going(op: Op, stand: Stand<'_>) -> (Option<Stand<'_>>, Option<Stand<'_>>) {
    if op == Op::Delete { (Some(stand), None) } else { (None, Some(stand)) }
}

/// One step as [`CHANGE`] has it; nothing when neither was nor is anything.
fn row(
    revision: RevisionId,
    seq: &mut i64,
    op: Op,
    before: Option<Stand<'_>>,
    after: Option<Stand<'_>>,
) -> Vec<Value<'static>> {
    let Some(stand) = after.or(before) else { return Vec::new() };
    *seq += 1;
    vec![
        revision.0.into(),
        (*seq).into(),
        stand.nodes.first().map_or(0, |node| node.id.0).into(),
        stand.parent.map(|parent| parent.0).into(),
        op.as_str().into(),
        Value::Text(before.map(|stand| json(stand).into())),
        Value::Text(after.map(|stand| json(stand).into())),
    ]
}

/// Cuts neighbours with all below them into pieces of at most [`MOST_NODES`]; where one alone has more, it goes
/// without its children, and they follow.
fn split<'n>(stand: Stand<'n>, steps: &mut Vec<Stand<'n>>) {
    let mut from = 0;
    while let Some(first) = stand.nodes.get(from) {
        let mut size = 0;
        let fits = |node: &&Node| {
            size += node.count();
            size <= MOST_NODES
        };
        let count = stand.nodes[from..].iter().take_while(fits).count();
        steps.push(stand.part(from, count.max(1), count > 0));
        if count == 0 {
            let (parent, nodes) = (Some(first.id), first.children.as_slice());
            split(Stand { parent, place: Place::FIRST, nodes, deep: true }, steps);
        }
        from += count.max(1);
    }
}

/// `{"parent":1,"position":2,"after":3,"nodes":[[depth,id,"tag",["name","value"],"text" or null,enabled],...]}`
fn json(stand: Stand<'_>) -> String {
    let mut out = String::with_capacity(64 * stand.nodes.len());
    let id = |id: Option<NodeId>| id.map_or_else(|| "null".into(), |id| id.to_string());
    let (parent, Place { position, after }) = (id(stand.parent), stand.place);
    let after = id(after);
    write!(out, "{{\"parent\":{parent},\"position\":{position},\"after\":{after},\"nodes\":[").ok();
    for node in stand.nodes {
        push_node(&mut out, node, 0, stand.deep);
    }
    if out.ends_with(',') {
        out.pop();
    }
    out.push_str("]}");
    out
}

fn push_node(out: &mut String, node: &Node, depth: usize, deep: bool) {
    write!(out, "[{depth},{},", node.id).ok();
    push_text(out, &node.tag);
    out.push(',');
    push_attributes(out, &node.attributes);
    out.push(',');
    match &node.text {
        Some(text) => push_text(out, text),
        None => out.push_str("null"),
    }
    out.push_str(if node.enabled { ",true]," } else { ",false]," });
    if deep {
        for child in &node.children {
            push_node(out, child, depth + 1, deep);
        }
    }
}

/// What [`json`] wrote.
pub(crate) fn parse(json: &str) -> std::result::Result<Siblings, serde_json::Error> {
    let mut texts = Texts::default();
    let mut json = serde_json::Deserializer::from_str(json);
    serde::Deserializer::deserialize_map(&mut json, SiblingsVisitor(&mut texts))
}

struct SiblingsVisitor<'t>(&'t mut Texts);

impl<'de> Visitor<'de> for SiblingsVisitor<'_> {
    type Value = Siblings;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("siblings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Siblings, A::Error> {
        let mut siblings = Siblings { parent: None, position: 0, after: None, nodes: Vec::new() };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "parent" => siblings.parent = map.next_value()?,
                "position" => siblings.position = map.next_value()?,
                "after" => siblings.after = map.next_value()?,
                "nodes" => siblings.nodes = map.next_value_seed(Nodes(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(siblings)
    }
}

struct Nodes<'t>(&'t mut Texts);

impl<'de> DeserializeSeed<'de> for Nodes<'_> {
    type Value = Vec<Node>;

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<Vec<Node>, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Nodes<'_> {
    type Value = Vec<Node>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nodes with their depths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> std::result::Result<Vec<Node>, A::Error> {
        let mut top = Vec::new();
        // The nodes whose children are still coming.
        let mut open: Vec<Node> = Vec::new();
        while let Some((depth, node)) = array.next_element_seed(OneNode(self.0))? {
            if depth > open.len() {
                return Err(A::Error::custom("a node without parent"));
            }
            close(&mut open, depth, &mut top);
            open.push(node);
        }
        close(&mut open, 0, &mut top);
        Ok(top)
    }
}

fn close(open: &mut Vec<Node>, depth: usize, top: &mut Vec<Node>) {
    while open.len() > depth {
        let Some(done) = open.pop() else { return };
        open.last_mut().map_or(&mut *top, |parent| &mut parent.children).push(done);
    }
}

struct OneNode<'t>(&'t mut Texts);

impl<'de> DeserializeSeed<'de> for OneNode<'_> {
    type Value = (usize, Node);

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> std::result::Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for OneNode<'_> {
    type Value = (usize, Node);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("depth, id, tag, attributes, text, enabled")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> std::result::Result<Self::Value, A::Error> {
        let short = || A::Error::custom("a node with too few fields");
        let depth = array.next_element()?.ok_or_else(short)?;
        let id = array.next_element()?.ok_or_else(short)?;
        let tag: String = array.next_element()?.ok_or_else(short)?;
        let attributes: Vec<Attribute> = array.next_element_seed(Attributes(self.0))?.ok_or_else(short)?;
        let text: Option<String> = array.next_element()?.ok_or_else(short)?;
        let enabled = array.next_element()?.ok_or_else(short)?;
        let tag = self.0.share(&tag);
        let text = text.map(|text| self.0.share(&text));
        Ok((depth, Node { id: NodeId(id), enabled, tag, attributes, text, children: Vec::new() }))
    }
}
