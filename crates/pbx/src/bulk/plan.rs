//! From rows to edits.

use std::collections::{HashMap, HashSet};

use custompbx_model::address::Address;
use custompbx_model::declare::{self, Severity};
use custompbx_model::wanted::{Called, Disabled, Fault, Patch, Wanted, complete, edits};
use custompbx_model::{Edit, Node, NodeId};
use custompbx_store::{InstanceId, Store};
use serde_json::Value;

use super::report::Report;
use super::rows::Row;
use super::{How, no_collection};
use crate::element::{Named, Outcome, named_container};
use crate::error::Result;

/// How many stored elements are read at a time.
const CHUNK: usize = 2_000;

/// The edits for all rows that are right, and what is to be said of all of them.
pub(super) async fn plan(
    store: &Store,
    instance: InstanceId,
    address: &Address,
    rows: &[Row],
    how: How,
) -> Result<Outcome<(Vec<Edit>, Report)>> {
    let container = match named_container(store, instance, address).await? {
        Ok(Some(container)) => container,
        Ok(None) => return Ok(Err(no_collection(address))),
        Err(refused) => return Ok(Err(refused)),
    };
    let mut planning = Planning {
        container: &container,
        how,
        report: Report { rows: rows.len(), written: how.dry_run, ..Report::default() },
        edits: Vec::new(),
        new: Vec::new(),
    };
    let mut seen = HashSet::new();
    let mut known: Vec<(&Row, String, &Value, NodeId)> = Vec::new();
    for row in rows {
        let value = match &row.value {
            Ok(value) => value,
            Err(faults) => {
                planning.report.fail(row.line, None, faults.clone());
                continue;
            }
        };
        let name = match container.name_of(value) {
            Ok(name) => name,
            Err(fault) => {
                planning.report.fail(row.line, None, vec![fault]);
                continue;
            }
        };
        // FreeSWITCH compares names without regard to case.
        if !seen.insert(name.to_lowercase()) {
            let fault = Fault::new("", "an earlier row is about the same element");
            planning.report.fail(row.line, Some(&name), vec![fault]);
            continue;
        }
        match container.known.get(&name.to_lowercase()) {
            Some((id, stored)) if *stored == name => known.push((row, name, value, *id)),
            Some((_, stored)) => {
                let fault = Fault::new("", format!("{stored:?} is there, and differs only in its case"));
                planning.report.fail(row.line, Some(&name), vec![fault]);
            }
            None => planning.create(row.line, &name, value),
        }
    }
    for chunk in known.chunks(CHUNK) {
        let ids: Vec<NodeId> = chunk.iter().map(|(.., id)| *id).collect();
        let found = store.subtrees(&ids).await?;
        let stored: HashMap<NodeId, Node> = found.into_iter().map(|found| (found.node.id, found.node)).collect();
        for (row, name, value, id) in chunk {
            match stored.get(id) {
                Some(stored) => planning.update(row.line, name, value, stored),
                None => planning.create(row.line, name, value),
            }
        }
    }
    Ok(Ok(planning.finish()))
}

struct Planning<'a> {
    container: &'a Named,
    how: How,
    report: Report,
    edits: Vec<Edit>,
    new: Vec<Node>,
}

impl Planning<'_> {
    fn create(&mut self, line: u64, name: &str, value: &Value) {
        let called = Called { tag: self.container.tag, usual_tag: None, name: Some(name) };
        let made = Wanted::from_json(value, "")
            .and_then(|wanted| complete(&wanted, None, &self.container.inside, called, Disabled::Go));
        match made.and_then(|node| self.checked(node)) {
            Ok(node) => {
                self.report.created += 1;
                self.new.push(node);
            }
            Err(faults) => self.report.fail(line, Some(name), faults),
        }
    }

    fn update(&mut self, line: u64, name: &str, value: &Value, stored: &Node) {
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
            Ok(edits) if edits.is_empty() => self.report.unchanged += 1,
            Ok(mut edits) => {
                self.report.updated += 1;
                self.edits.append(&mut edits);
            }
            Err(faults) => self.report.fail(line, Some(name), faults),
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

    fn finish(mut self) -> (Vec<Edit>, Report) {
        if !self.new.is_empty() {
            self.edits.push(self.container.insert(self.new));
        }
        (self.edits, self.report)
    }
}

