//! A tree that holds the objects of the examples, each in the state in which an example finds it.

use std::collections::HashMap;

use custompbx_model::declare::kind::{Kind, Which};
use custompbx_model::modules;
use custompbx_model::xml::{Limits, parse};
use custompbx_model::{At, Edit, Node};
use custompbx_testkit::server::TestPbx;
use serde_json::Value;

use super::events::Event;
use super::types::Type;

/// The attribute that says which object of the examples a node is: `directory.user:38`.
const MARK: &str = "ex";

pub(super) fn kind(name: &str) -> &'static Kind {
    modules::KINDS.iter().find(|kind| kind.name == name).unwrap_or_else(|| panic!("no kind {name}"))
}

/// A world in the making.
pub(super) struct World {
    root: Node,
    fillers: i64,
}

/// What is in the database: ids of the examples by kind, and the ids of nodes.
#[derive(Default)]
pub(super) struct Ids {
    ours: HashMap<(String, i64), i64>,
    examples: HashMap<i64, i64>,
}

impl Ids {
    /// The id of the node that is this object of the examples; an id that no node has where there is none.
    pub(super) fn ours(&self, kind: &str, example: i64) -> i64 {
        self.ours.get(&(kind.to_owned(), example)).copied().unwrap_or(example + 1_000_000)
    }

    /// A value with the ids of the examples. `fresh` are the ids of objects that are new in it, in their order.
    pub(super) fn to_examples(&self, value: &Value, fresh: &mut Fresh) -> Value {
        self.convert(value, fresh, false)
    }

    fn convert(&self, value: &Value, fresh: &mut Fresh, is_id: bool) -> Value {
        match value {
            Value::Number(number) if is_id => self.example(number.as_i64().unwrap(), fresh).into(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| {
                    let is_id = ["id", "affected_id", "user_id"].contains(&name.as_str());
                    let name = match name.parse::<i64>() {
                        Ok(id) => self.example(id, fresh).to_string(),
                        Err(_) => name.clone(),
                    };
                    (name, self.convert(value, fresh, is_id))
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Array(items) => items.iter().map(|item| self.convert(item, fresh, false)).collect(),
            other => other.clone(),
        }
    }

    fn example(&self, id: i64, fresh: &mut Fresh) -> i64 {
        // The instance, and nobody.
        if id <= 1 {
            return id;
        }
        self.examples.get(&id).copied().unwrap_or_else(|| fresh.take(id))
    }
}

/// Ids of the examples for objects that were not there before.
pub(super) struct Fresh {
    waiting: Vec<i64>,
    given: HashMap<i64, i64>,
}

impl Fresh {
    pub(super) fn new(waiting: Vec<i64>) -> Self {
        Self { waiting, given: HashMap::new() }
    }

    fn take(&mut self, ours: i64) -> i64 {
        if let Some(given) = self.given.get(&ours) {
            return *given;
        }
        let next = if self.waiting.is_empty() { -ours } else { self.waiting.remove(0) };
        self.given.insert(ours, next);
        next
    }
}

impl World {
    /// With all objects as they stand in `world.xml`.
    pub(super) fn whole() -> Self {
        let text = include_str!("../../contract/world.xml");
        let root = parse(text, &Limits::default()).unwrap().roots.remove(0);
        Self { root, fillers: 900_000 }
    }

    /// As an example finds it: what it shows is so already, but for what it changes; what it makes is not there.
    pub(super) fn before(event: &Event, trimmed: bool) -> (Self, Vec<i64>) {
        let mut world = Self::whole();
        let request = event.example_request();
        let mut shown = Vec::new();
        Type::of(event.answer_types()).objects(event.example_answer(), &mut |kind, object| {
            shown.push((kind.to_owned(), object.clone()));
        });
        let is_new =
            matches!(event.operation(), "add" | "add_child") || event.name().starts_with("ImportXML");
        let subject = subject_id(&request);
        let mut fresh = Vec::new();
        for (name, object) in &shown {
            let id = object["id"].as_i64().unwrap();
            if is_new && Some(name.as_str()) == event.entity() {
                if event.name() != "ImportXMLModuleConfig" {
                    if let Some(position) = object["position"].as_i64() {
                        world.seat(name, id, position);
                    }
                    world.remove_from(name, id);
                    fresh.push(id);
                }
                continue;
            }
            let is_alone = shown.iter().filter(|(kind, _)| kind == name).count() == 1;
            let is_subject = (Some(id) == subject || is_alone) && Some(name.as_str()) == event.entity();
            let node = world.node(name, id);
            if is_subject && event.operation() == "switch" && object.get("enabled").is_some() {
                node.enabled = object["enabled"] != true;
            } else {
                node.enabled = object["enabled"] != false;
            }
            for field in kind(name).fields {
                let changes = is_subject && event.fields().any(|changed| changed.ends_with(field.name));
                if let (Some(value), false) = (object.get(field.name), changes) {
                    field.write(node, &field.parse(value).unwrap());
                }
            }
            if let Which::With(attribute, value) = kind(name).which {
                node.set_attribute(attribute, value);
            }
        }
        for (name, object) in &shown {
            let id = object["id"].as_i64().unwrap();
            if !trimmed && !is_new {
                let keep: Vec<i64> = shown
                    .iter()
                    .filter(|(kind, _)| kind == name)
                    .map(|(_, object)| object["id"].as_i64().unwrap())
                    .chain(subject)
                    .collect();
                world.only(name, &keep);
            }
            if let (Some(position), true) = (object["position"].as_i64(), world.find(name, id).is_some()) {
                let is_moved = event.operation() == "move" && Some(id) == subject;
                let position = if is_moved { request["previous_index"].as_i64().unwrap() } else { position };
                world.seat(name, id, position);
            }
        }
        let user = world.find("directory.user", 38).and_then(|user| user.attribute("id").map(str::to_owned));
        if let (Some(user), Some(_)) = (user, world.find("directory.group_user", 46)) {
            world.node("directory.group_user", 46).set_attribute("id", user.as_str());
        }
        (world, fresh)
    }

    fn find(&self, kind: &str, id: i64) -> Option<&Node> {
        let mark = format!("{kind}:{id}");
        let mut found = None;
        self.root.walk(&mut |node| {
            if node.attribute(MARK) == Some(&mark) {
                found = Some(node);
            }
        });
        found
    }

    fn node(&mut self, kind: &str, id: i64) -> &mut Node {
        let mark = format!("{kind}:{id}");
        find_mut(&mut self.root, &mark).unwrap_or_else(|| panic!("{mark} is not in world.xml"))
    }

    /// Takes an object away with those of its kind behind it.
    fn remove_from(&mut self, name: &str, id: i64) {
        let (kind, mark) = (kind(name), format!("{name}:{id}"));
        if let Some(parent) = parent_of(&mut self.root, &mark) {
            let at = parent.children.iter().position(|child| child.attribute(MARK) == Some(&mark)).unwrap();
            let mut place = 0;
            parent.children.retain(|child| {
                place += 1;
                place <= at || !is_of(kind, child)
            });
        }
    }

    /// Takes the others of a kind away that stand beside one of these.
    fn only(&mut self, name: &str, keep: &[i64]) {
        let kind = kind(name);
        let marks: Vec<String> = keep.iter().map(|id| format!("{name}:{id}")).collect();
        for mark in &marks {
            if let Some(parent) = parent_of(&mut self.root, mark) {
                parent.children.retain(|child| {
                    let is_kept = child.attribute(MARK).is_some_and(|mark| {
                        marks.iter().any(|kept| kept == mark) || mark.starts_with("filler")
                    });
                    !is_of(kind, child) || is_kept
                });
            }
        }
    }

    /// Puts so many before it that it has this place.
    fn seat(&mut self, name: &str, id: i64, position: i64) {
        let (kind, mark) = (kind(name), format!("{name}:{id}"));
        let parent = parent_of(&mut self.root, &mark).unwrap();
        loop {
            let at = parent.children.iter().position(|child| child.attribute(MARK) == Some(&mark)).unwrap();
            let before = parent.children[..at].iter().filter(|child| is_of(kind, child)).count();
            if i64::try_from(before).unwrap() + 1 >= position {
                break;
            }
            self.fillers += 1;
            let mut filler = Node::new(kind.tag).with(MARK, format!("filler:{}", self.fillers));
            if let Some(key) = kind.key() {
                filler.set_attribute(key.source.attribute(), format!("filler-{}", self.fillers));
            }
            parent.children.insert(at, filler);
        }
    }

    /// Makes the database hold nothing but this.
    pub(super) async fn store(self, pbx: &TestPbx) -> Ids {
        let old = pbx.tree().await;
        let mut edits: Vec<Edit> = old.children.iter().map(|child| Edit::Delete { id: child.id }).collect();
        edits.push(Edit::Insert { parent: old.id, at: At::Last, nodes: self.root.children });
        pbx.change(edits).await;
        let mut ids = Ids::default();
        pbx.tree().await.walk(&mut |node| {
            let Some((kind, example)) = node.attribute(MARK).and_then(|mark| mark.split_once(':')) else {
                return;
            };
            let example: i64 = example.parse().unwrap();
            ids.ours.insert((kind.to_owned(), example), node.id.0);
            ids.examples.insert(node.id.0, example);
        });
        ids
    }
}

/// The id in a request, wherever it stands.
pub(super) fn subject_id(request: &Value) -> Option<i64> {
    let object =
        ["condition", "action", "antiaction", "regex", "variable"].iter().find_map(|name| request.get(*name));
    object.and_then(|object| object.get("id")).or(request.get("id")).and_then(Value::as_i64)
}

fn is_of(kind: &Kind, node: &Node) -> bool {
    &*node.tag == kind.tag && kind.which.takes(|name| node.attribute(name))
}

fn find_mut<'n>(node: &'n mut Node, mark: &str) -> Option<&'n mut Node> {
    if node.attribute(MARK) == Some(mark) {
        return Some(node);
    }
    node.children.iter_mut().find_map(|child| find_mut(child, mark))
}

fn parent_of<'n>(node: &'n mut Node, mark: &str) -> Option<&'n mut Node> {
    if node.children.iter().any(|child| child.attribute(MARK) == Some(mark)) {
        return Some(node);
    }
    node.children.iter_mut().find_map(|child| parent_of(child, mark))
}
