//! From rows to edits.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use custompbx_model::address::Address;
use custompbx_model::declare::{self, Severity};
use custompbx_model::wanted::{Called, Disabled, Fault, Patch, Wanted, complete, edits};
use custompbx_model::{Attribute, Edit, Node, NodeId, Text};
use custompbx_store::{InstanceId, Store, Subtree};
use serde_json::Value;

use super::report::{Became, Report};
use super::rows::Row;
use super::{How, Progress, no_collection};
use crate::element::{Named, Outcome, named_container};
use crate::error::Result;

/// How many rows are looked at before others get the processor.
const CHUNK: usize = 500;
/// Of how many users it is kept what they will be; more are read from the database when they are served.
const MOST_KEPT: usize = 100_000;

/// What is to be done for some rows.
pub(super) struct Planned {
    pub(super) edits: Vec<Edit>,
    pub(super) report: Report,
    /// Users that get other values and nothing else, as they will be.
    pub(super) users: Vec<Subtree>,
}

/// The edits for all rows that are right, and what is to be said of all of them.
pub(super) async fn plan(
    store: &Store,
    instance: InstanceId,
    address: &Address,
    rows: &[Row],
    how: How,
    progress: &Progress,
) -> Result<Outcome<Planned>> {
    let container = match named_container(store, instance, address).await? {
        Ok(Some(container)) => container,
        Ok(None) => return Ok(Err(no_collection(address))),
        Err(refused) => return Ok(Err(refused)),
    };
    let mut planning = Planning {
        container: &container,
        how,
        report: Report {
            rows: rows.len(),
            lines: how.each.then(Vec::new),
            dry_run: how.dry_run,
            partly: how.partly,
            ..Report::default()
        },
        seen: HashMap::new(),
        updates: Vec::new(),
        edits: Vec::new(),
        new: Vec::new(),
        users: Vec::new(),
    };
    progress.checked.store(0, Ordering::Relaxed);
    for chunk in rows.chunks(CHUNK) {
        let read: Vec<(&Row, String, Value)> = chunk.iter().filter_map(|row| planning.read(row)).collect();
        let ids: Vec<NodeId> = read.iter().filter_map(|(_, name, _)| planning.known(name)).collect();
        let found = if ids.is_empty() { Vec::new() } else { store.subtrees(&ids).await? };
        let mut stored: HashMap<NodeId, Subtree> =
            found.into_iter().map(|found| (found.node.id, found)).collect();
        for (row, name, value) in read {
            match planning.known(&name).and_then(|id| stored.remove(&id)) {
                Some(stored) => planning.update(row.line, &name, &value, stored),
                None => planning.create(row.line, &name, &value),
            }
        }
        progress.checked.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        progress.go_on()?;
        tokio::task::yield_now().await;
    }
    Ok(Ok(planning.finish()))
}

struct Planning<'a> {
    container: &'a Named,
    how: How,
    report: Report,
    /// The lines of the names that came, in lower case.
    seen: HashMap<String, u64>,
    /// New values of what is there. They are made together, which is faster; to the other edits they make no difference.
    updates: Vec<Edit>,
    edits: Vec<Edit>,
    new: Vec<Node>,
    users: Vec<Subtree>,
}

impl Planning<'_> {
    /// A row with the name of its element, unless it is wrong.
    fn read<'r>(&mut self, row: &'r Row) -> Option<(&'r Row, String, Value)> {
        let named = row.value().map_err(|faults| (None, faults)).and_then(|value| {
            let name = self.container.name_of(&value).map_err(|fault| (None, vec![fault]))?;
            // FreeSWITCH compares names without regard to case.
            let lower = name.to_lowercase();
            let fault = if let Some(line) = self.seen.get(&lower) {
                format!("line {line} is about the same element")
            } else {
                match self.container.known.get(&lower) {
                    Some((_, stored)) if *stored != name => {
                        format!("{stored:?} is there, and differs only in its case")
                    }
                    _ => {
                        self.seen.insert(lower, row.line);
                        return Ok((name, value));
                    }
                }
            };
            Err((Some(name), vec![Fault::new("", fault)]))
        });
        match named {
            Ok((name, value)) => Some((row, name, value)),
            Err((name, faults)) => {
                self.report.refuse(row.line, name.as_deref(), faults);
                None
            }
        }
    }

    /// The element of this name, which is there.
    fn known(&self, name: &str) -> Option<NodeId> {
        self.container.known.get(&name.to_lowercase()).map(|(id, _)| *id)
    }

    fn create(&mut self, line: u64, name: &str, value: &Value) {
        let called = Called { tag: self.container.tag, usual_tag: None, name: Some(name) };
        let made = Wanted::from_json(value, "")
            .and_then(|wanted| complete(&wanted, None, &self.container.inside, called, Disabled::Go));
        match made.and_then(|node| self.checked(node)) {
            Ok(node) => {
                self.report.took(line, Became::Created);
                self.new.push(node);
            }
            Err(faults) => self.report.refuse(line, Some(name), faults),
        }
    }

    fn update(&mut self, line: u64, name: &str, value: &Value, found: Subtree) {
        let stored = &found.node;
        let inside = &self.container.inside;
        let made = if self.how.replace {
            let called = Called { name: Some(name), ..Called::default() };
            Wanted::from_json(value, "")
                .and_then(|wanted| complete(&wanted, Some(stored), inside, called, Disabled::Go))
        } else {
            Patch::from_json(value).and_then(|patch| patch.apply(inside, stored, name))
        };
        let changed = made.and_then(|new| {
            let edits = edits(stored, &new);
            if edits.is_empty() { Ok(edits) } else { self.checked(new).map(|_| edits) }
        });
        match changed {
            Ok(edits) if edits.is_empty() => self.report.took(line, Became::Unchanged),
            Ok(edits) => {
                self.report.took(line, Became::Updated);
                let (updates, others): (Vec<_>, Vec<_>) =
                    edits.into_iter().partition(|edit| matches!(edit, Edit::Update { .. }));
                // What the element itself says decides whether it is a user; the store finds that out.
                let is_inside =
                    |edit: &Edit| !matches!(edit, Edit::Update { id, .. } if *id == found.node.id);
                let is_known = others.is_empty() && updates.iter().all(is_inside);
                if is_known && found.domain.is_some() && self.users.len() < MOST_KEPT {
                    self.users.push(rewritten(found, &updates));
                }
                self.updates.extend(updates);
                self.edits.extend(others);
            }
            Err(faults) => self.report.refuse(line, Some(name), faults),
        }
    }

    /// The element, unless it could not be stored or served.
    fn checked(&self, node: Node) -> std::result::Result<Node, Vec<Fault>> {
        let ancestors: Vec<&Node> = self.container.ancestors.iter().collect();
        let findings = declare::check(&ancestors, &node);
        let errors: Vec<Fault> = findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| Fault::new("", format!("{}: {}", finding.path, finding.message)))
            .collect();
        if errors.is_empty() { Ok(node) } else { Err(errors) }
    }

    fn finish(mut self) -> Planned {
        // Those that cannot be read are known before their neighbours.
        if let Some(lines) = &mut self.report.lines {
            lines.sort_by_key(|(line, _)| *line);
        }
        self.report.refusals.sort_by_key(|refusal| refusal.line);
        if !self.new.is_empty() {
            self.edits.push(self.container.insert(self.new));
        }
        self.updates.append(&mut self.edits);
        Planned { edits: self.updates, report: self.report, users: self.users }
    }
}

/// An element with the new values that it gets.
fn rewritten(mut element: Subtree, updates: &[Edit]) -> Subtree {
    fn rewrite(node: &mut Node, new: &HashMap<NodeId, (&Vec<Attribute>, &Option<Text>)>) {
        if let Some((attributes, text)) = new.get(&node.id) {
            node.attributes.clone_from(attributes);
            node.text.clone_from(text);
        }
        node.children.iter_mut().for_each(|child| rewrite(child, new));
    }
    let new = updates.iter().filter_map(|edit| match edit {
        Edit::Update { id, attributes, text } => Some((*id, (attributes, text))),
        _ => None,
    });
    rewrite(&mut element.node, &new.collect());
    element
}
