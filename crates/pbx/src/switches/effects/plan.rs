//! The commands of revisions, by the declarations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use custompbx_model::declare::{Due, Happened, How, Value, due, everything, moved, updated};
use custompbx_model::edit::Step;
use custompbx_model::variables::{SECTION_TAG, Variables};
use custompbx_model::{Node, NodeId, Part};
use custompbx_store::{Change, InstanceId, Op, Revision, RevisionId, Store};
use custompbx_switch::command::{Command, Declared};
use custompbx_switch::live::rows::Profile;

use super::Driven;
use crate::Pbx;
use crate::error::Result;

/// From so many steps on, a revision is told by its parts: what an import of a whole configuration needs is not worked
/// out parameter by parameter.
const MANY_STEPS: u64 = 1_000;
/// From so many users on, the switch forgets all of them at once.
const MANY_USERS: usize = 50;

/// A command that is due on a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// The last revision that it is for.
    pub(super) revision: RevisionId,
    /// Whether it is run or offered.
    pub(super) how: How,
    /// Its name.
    pub(super) name: &'static str,
    /// The command, or why there is none.
    pub(super) command: std::result::Result<Command, String>,
    /// The lines that nobody wants any more.
    pub(super) ends: Vec<String>,
}

impl Planned {
    /// As it is shown.
    pub(super) fn line(&self) -> &str {
        match (&self.command, self.how) {
            (_, How::Restart) => "restart FreeSWITCH",
            (Ok(command), _) => command.line(),
            (Err(_), _) => self.name,
        }
    }
}

/// What variables stand for: as stored, and what only the switch knows.
struct Values {
    stored: Arc<Variables>,
    own: Variables,
}

impl Values {
    fn expand_all(&self, text: &str) -> Option<String> {
        self.own.expand_all(&self.stored.expand(text).0)
    }
}

/// The commands that revisions come to on a switch, each once, in order.
pub(super) async fn plan(
    pbx: &Pbx,
    store: &Store,
    driven: &Driven,
    instance: InstanceId,
    revisions: &[Revision],
) -> Result<Vec<Planned>> {
    let variables = pbx
        .snapshot()
        .and_then(|snapshot| snapshot.instances.get(&instance.0).map(|instance| instance.variables.clone()));
    let known = Values { stored: variables.unwrap_or_default(), own: driven.own() };
    let profiles: Vec<String> = {
        let live = driven.supervisor.live();
        let sofia = live.tables().profiles.rows().filter(|profile| &*profile.kind == Profile::SOFIA);
        sofia.map(|profile| profile.name.to_string()).collect()
    };
    let mut planned = Vec::new();
    for revision in revisions {
        let mut all = Vec::new();
        if store.change_count(revision.id).await? > MANY_STEPS {
            of_parts(store, revision, &mut all).await?;
        } else {
            of_steps(store, &store.changes(revision.id).await?, &mut all).await?;
        }
        let commands = all.into_iter().flat_map(|due| commands(due, revision.id, &known, &profiles));
        planned.extend(commands);
    }
    Ok(collapse(&planned))
}

/// The ways to nodes, from the root, without children.
type Paths = HashMap<NodeId, Option<Vec<Node>>>;

/// What the steps of a revision come to.
async fn of_steps(store: &Store, steps: &[Change], all: &mut Vec<Due>) -> Result<()> {
    let mut paths = Paths::new();
    for step in steps {
        let beside = if step.op == Op::Delete { &step.before } else { &step.after };
        let Some(siblings) = beside else { continue };
        let Some(parent) = siblings.parent else {
            all.extend(everything());
            continue;
        };
        // What it was in is gone by now, which is a step of its own.
        let Some(above) = above(store, &mut paths, parent).await? else { continue };
        for node in &siblings.nodes {
            // What nobody was served is missed by nobody.
            if !node.enabled && step.op != Op::Enable {
                continue;
            }
            let before = step.before.as_ref();
            match step.op {
                Op::Insert => all.extend(due(&way(&above, node), Happened::Came)),
                Op::Delete => all.extend(due(&way(&above, node), Happened::Gone)),
                Op::Update => all.extend(of_update(&above, before.and_then(|at| at.nodes.first()), node)),
                Op::Enable => {
                    let happened = if node.enabled { Happened::Came } else { Happened::Gone };
                    all.extend(due(&way(&above, &whole(store, node).await?), happened));
                }
                Op::Move => {
                    let whole = whole(store, node).await?;
                    let to = way(&above, &whole);
                    let from = before.and_then(|at| at.parent).filter(|from| *from != parent);
                    all.extend(match from {
                        None => due(&to, Happened::Changed(&[])),
                        Some(from) => match self::above(store, &mut paths, from).await? {
                            Some(left) => moved(&way(&left, &whole), &to),
                            None => due(&to, Happened::Renamed),
                        },
                    });
                }
            }
        }
    }
    Ok(())
}

/// A node as a step has it, with the children that it has now: they are not told with it.
async fn whole(store: &Store, node: &Node) -> Result<Node> {
    let found = store.subtree(node.id).await?;
    let children = found.map_or_else(Vec::new, |found| found.node.children);
    Ok(Node { children, ..node.clone() })
}

/// What it comes to that a node has other attributes or another text.
fn of_update(above: &[Node], before: Option<&Node>, after: &Node) -> Vec<Due> {
    let changed = differences(before, after);
    updated(&way(above, before.unwrap_or(after)), &way(above, after), &changed)
}

fn way<'n>(above: &'n [Node], node: &'n Node) -> Vec<&'n Node> {
    above.iter().chain([node]).collect()
}

async fn above(store: &Store, paths: &mut Paths, node: NodeId) -> Result<Option<Vec<Node>>> {
    if let Some(known) = paths.get(&node) {
        return Ok(known.clone());
    }
    let path = store.path(node).await?;
    let path: Option<Vec<Node>> = path.map(|path| path.iter().map(head).collect());
    paths.insert(node, path.clone());
    Ok(path)
}

/// What the parts of a large revision come to.
async fn of_parts(store: &Store, revision: &Revision, all: &mut Vec<Due>) -> Result<()> {
    for part in &revision.parts {
        match part {
            Part::Document { id } => {
                let Some(path) = store.path(*id).await? else { continue };
                let heads: Vec<Node> = path.iter().map(head).collect();
                let path: Vec<&Node> = heads.iter().collect();
                all.extend(due(&path, Happened::Changed(&[])));
            }
            Part::Everything | Part::Variables => {
                all.extend(everything());
                let root = store.root(revision.instance).await?;
                for section in store.below(&[root], &[SECTION_TAG]).await? {
                    let Some(found) = store.subtree(section.node.id).await? else { continue };
                    let root = Node::new("document");
                    all.extend(due(&[&root, &found.node], Happened::Came));
                }
            }
            Part::Domain { .. } | Part::DomainHead { .. } | Part::User { .. } => all.extend(everything()),
        }
    }
    Ok(())
}

fn head(step: &Step) -> Node {
    Node { id: step.id, attributes: step.attributes.clone(), ..Node::new(step.tag.clone()) }
}

/// The attributes that differ, by name.
fn differences<'n>(before: Option<&'n Node>, after: &'n Node) -> Vec<&'n str> {
    let Some(before) = before else { return Vec::new() };
    let names = before.attributes.iter().chain(&after.attributes).map(|(name, _)| &**name);
    let differing = names.filter(|name| before.attribute(name) != after.attribute(name));
    let mut differing: Vec<&str> = differing.collect();
    differing.sort_unstable();
    differing.dedup();
    differing
}

/// The commands of what is due: more than one where it is for each profile.
fn commands(due: Due, revision: RevisionId, variables: &Values, profiles: &[String]) -> Vec<Planned> {
    let Due { how, command: name, values } = due;
    if how == How::Restart {
        return vec![Planned {
            revision,
            how,
            name: "restart",
            command: Err(String::new()),
            ends: Vec::new(),
        }];
    }
    let each = values.iter().any(|(_, value)| *value == Value::EachProfile);
    let rounds: Vec<Option<&String>> = if each { profiles.iter().map(Some).collect() } else { vec![None] };
    rounds
        .into_iter()
        .map(|profile| {
            let filled = filled(&values, profile.map_or("", String::as_str), variables);
            let command = filled.as_ref().map_err(Clone::clone).and_then(|values| made(name, values));
            let ends = Declared::find(name).map_or(&[][..], |declared| declared.ends);
            let ended =
                filled.iter().flat_map(|values| ends.iter().filter_map(|name| made(name, values).ok()));
            let ends = ended.map(|command| command.line().to_owned()).collect();
            // The switch keeps users by names that a command cannot hold; it forgets all of them then.
            match (command, name) {
                (Err(_), "xml_flush_cache" | "xml_flush_cache.alias") => {
                    let name = "xml_flush_cache.all";
                    let command = Command::of(name, &[]).map_err(|error| error.to_string());
                    Planned { revision, how, name, command, ends }
                }
                (command, name) => Planned { revision, how, name, command, ends },
            }
        })
        .collect()
}

/// The values of slots, or why one is not known.
fn filled(
    values: &[(&'static str, Value)],
    profile: &str,
    variables: &Values,
) -> std::result::Result<Vec<(&'static str, String)>, String> {
    let mut expanded = Vec::with_capacity(values.len());
    for (slot, value) in values {
        let text = match value {
            Value::Text(text) => variables.expand_all(text).ok_or_else(|| {
                format!("{slot} is {text:?}, which only the switch can tell; do it by hand")
            })?,
            Value::EachProfile => profile.to_owned(),
        };
        expanded.push((*slot, text));
    }
    Ok(expanded)
}

fn made(name: &str, values: &[(&'static str, String)]) -> std::result::Result<Command, String> {
    let values: Vec<(&str, &str)> = values.iter().map(|(slot, text)| (*slot, text.as_str())).collect();
    Command::of(name, &values).map_err(|error| error.to_string())
}

/// Each command once, where it is needed last: what it takes over is then there.
fn collapse(planned: &[Planned]) -> Vec<Planned> {
    let users: HashSet<&str> =
        planned.iter().filter(|one| one.name.starts_with("xml_flush_cache")).map(Planned::line).collect();
    let all_users = users.len() >= MANY_USERS || planned.iter().any(|one| one.name == "xml_flush_cache.all");
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (at, one) in planned.iter().enumerate() {
        last.insert(one.line().to_owned(), at);
    }
    let mut flushed = false;
    let mut kept = Vec::new();
    for (at, one) in planned.iter().enumerate() {
        if one.name.starts_with("xml_flush_cache") && all_users {
            if !flushed && let Some(declared) = Declared::find("xml_flush_cache.all") {
                flushed = true;
                let revision = planned.iter().map(|one| one.revision).max().unwrap_or(one.revision);
                let command = declared.with(&[]).map_err(|error| error.to_string());
                kept.push(Planned { revision, name: declared.name, command, ..one.clone() });
            }
        } else if last.get(one.line()) == Some(&at) {
            kept.push(one.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests;
