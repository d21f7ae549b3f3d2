//! The commands of revisions, by the declarations.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use custompbx_model::declare::{Due, Happened, How, Value, due, everything};
use custompbx_model::edit::Step;
use custompbx_model::variables::Variables;
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
            of_parts(store, &revision.parts, &mut all).await?;
        } else {
            of_steps(store, &store.changes(revision.id).await?, &mut all).await?;
        }
        let commands = all.into_iter().flat_map(|due| commands(due, revision.id, &known, &profiles));
        planned.extend(commands);
    }
    Ok(collapse(&planned))
}

/// What the steps of a revision come to.
async fn of_steps(store: &Store, steps: &[Change], all: &mut Vec<Due>) -> Result<()> {
    let mut paths: HashMap<NodeId, Option<Vec<Node>>> = HashMap::new();
    for step in steps {
        let (beside, happened) = match step.op {
            Op::Insert => (&step.after, Happened::Came),
            Op::Delete => (&step.before, Happened::Gone),
            Op::Update | Op::Enable | Op::Move => (&step.after, Happened::Changed(&[])),
        };
        let Some(siblings) = beside else { continue };
        let Some(parent) = siblings.parent else {
            all.extend(everything());
            continue;
        };
        let above = match paths.entry(parent) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let path = store.path(parent).await?;
                place.insert(path.map(|path| path.iter().map(head).collect()))
            }
        };
        // What it was in is gone by now, which is a step of its own.
        let Some(above) = above else { continue };
        for node in &siblings.nodes {
            let changed = match (step.op, &step.before) {
                (Op::Update, Some(before)) => differences(before.nodes.first(), node),
                _ => Vec::new(),
            };
            let happened = match (step.op, node.enabled) {
                (Op::Update, true) => Happened::Changed(&changed),
                (Op::Enable, true) => Happened::Came,
                (Op::Enable, false) => Happened::Gone,
                // What nobody was served is missed by nobody.
                (Op::Insert | Op::Update | Op::Delete | Op::Move, false) => continue,
                (Op::Insert | Op::Delete | Op::Move, true) => happened,
            };
            let whole = match step.op {
                // Its children are not told with it.
                Op::Enable => store.subtree(node.id).await?.map(|found| found.node),
                _ => None,
            };
            let mut path: Vec<&Node> = above.iter().collect();
            path.push(whole.as_ref().unwrap_or(node));
            all.extend(due(&path, happened));
        }
    }
    Ok(())
}

/// What the parts of a large revision come to.
async fn of_parts(store: &Store, parts: &[Part], all: &mut Vec<Due>) -> Result<()> {
    for part in parts {
        match part {
            Part::Document { id } => {
                let Some(path) = store.path(*id).await? else { continue };
                let heads: Vec<Node> = path.iter().map(head).collect();
                let path: Vec<&Node> = heads.iter().collect();
                all.extend(due(&path, Happened::Changed(&[])));
            }
            Part::Everything
            | Part::Variables
            | Part::Domain { .. }
            | Part::DomainHead { .. }
            | Part::User { .. } => {
                all.extend(everything());
            }
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
        return vec![Planned { revision, how, name: "restart", command: Err(String::new()) }];
    }
    let each = values.iter().any(|(_, value)| *value == Value::EachProfile);
    let rounds: Vec<Option<&String>> = if each { profiles.iter().map(Some).collect() } else { vec![None] };
    rounds
        .into_iter()
        .map(|profile| {
            let command = filled(name, &values, profile.map_or("", String::as_str), variables);
            // The switch keeps users by names that a command cannot hold; it forgets all of them then.
            match (command, name) {
                (Err(_), "xml_flush_cache") => {
                    let name = "xml_flush_cache.all";
                    let command = Command::of(name, &[]).map_err(|error| error.to_string());
                    Planned { revision, how, name, command }
                }
                (command, name) => Planned { revision, how, name, command },
            }
        })
        .collect()
}

fn filled(
    name: &str,
    values: &[(&'static str, Value)],
    profile: &str,
    variables: &Values,
) -> std::result::Result<Command, String> {
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
    let values: Vec<(&str, &str)> = expanded.iter().map(|(slot, text)| (*slot, text.as_str())).collect();
    Command::of(name, &values).map_err(|error| error.to_string())
}

/// Each command once, where it is needed last: what it takes over is then there.
fn collapse(planned: &[Planned]) -> Vec<Planned> {
    let users: HashSet<&str> =
        planned.iter().filter(|one| one.name == "xml_flush_cache").map(Planned::line).collect();
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
mod tests {
    use super::*;

    fn planned(revision: i64, name: &'static str, values: &[(&str, &str)]) -> Planned {
        let command = Command::of(name, values).map_err(|error| error.to_string());
        Planned { revision: RevisionId(revision), how: How::Run, name, command }
    }

    fn lines(planned: &[Planned]) -> Vec<String> {
        collapse(planned).iter().map(|one| format!("{} {}", one.revision, one.line())).collect()
    }

    #[test]
    fn a_command_is_sent_once_and_at_its_last_place() {
        let profile = [("profile", "internal")];
        let gateway = [("profile", "internal"), ("gateway", "g")];
        let all = vec![
            planned(1, "sofia.rescan", &profile),
            planned(1, "reloadacl", &[]),
            planned(2, "sofia.killgw", &gateway),
            planned(2, "sofia.startgw", &gateway),
            planned(3, "sofia.rescan", &profile),
        ];
        let expected = [
            "1 reloadacl",
            "2 sofia profile internal killgw g",
            "2 sofia profile internal startgw g",
            "3 sofia profile internal rescan",
        ];
        assert_eq!(lines(&all), expected);
    }

    #[test]
    fn many_users_are_forgotten_at_once() {
        let user = |number: usize| {
            let id = number.to_string();
            planned(i64::try_from(number).unwrap(), "xml_flush_cache", &[("user", &id), ("domain", "d")])
        };
        assert_eq!(lines(&(0..3).map(user).collect::<Vec<_>>()).len(), 3);
        assert_eq!(lines(&(0..MANY_USERS).map(user).collect::<Vec<_>>()), ["49 xml_flush_cache"]);
        let mut some = vec![user(1), planned(2, "xml_flush_cache.all", &[]), user(1)];
        some.push(planned(3, "reloadacl", &[]));
        assert_eq!(lines(&some), ["3 xml_flush_cache", "3 reloadacl"]);
    }

    #[test]
    fn values_are_expanded_and_never_guessed() {
        let mut section = Node::new("variables");
        section.children = vec![
            Node::new("variable").with("name", "domain").with("value", "example.com"),
            Node::new("variable").with("name", "list").with("value", "x"),
        ];
        let mut own = Variables::default();
        own.set("local_ip_v6", "::1");
        let variables = Values { stored: Variables::of(&section).into(), own };
        let text = |text: &str| Value::Text(text.to_owned());
        let due = |domain: &str, user: &str| Due {
            how: How::Run,
            command: "xml_flush_cache",
            values: vec![("user", text(user)), ("domain", text(domain))],
        };
        let line = |due: Due| commands(due, RevisionId(1), &variables, &[])[0].line().to_owned();
        assert_eq!(line(due("$${domain}", "1000")), "xml_flush_cache id 1000 example.com");
        assert_eq!(line(due("$${local_ip_v4}", "1000")), "xml_flush_cache");
        assert_eq!(line(due("$${local_ip_v6}", "1000")), "xml_flush_cache id 1000 ::1");
        assert_eq!(line(due("example.com", "a b")), "xml_flush_cache");
        let each =
            Due { how: How::Run, command: "sofia.rescan", values: vec![("profile", Value::EachProfile)] };
        let profiles = ["a".to_owned(), "b".to_owned()];
        assert_eq!(commands(each.clone(), RevisionId(1), &variables, &profiles).len(), 2);
        assert!(commands(each, RevisionId(1), &variables, &[]).is_empty());
    }

    /// A declaration that names a command that there is not would fail at night.
    #[test]
    fn every_declared_effect_is_a_command_with_its_slots() {
        use custompbx_model::declare::{Act, Effect, Element};
        use custompbx_model::modules;
        fn act(effect: &Effect) -> Option<&Act> {
            match effect {
                Effect::Run(act) | Effect::Ask(act) => Some(act),
                Effect::None | Effect::Restart => None,
            }
        }
        fn below<'e>(elements: &'e [&'static Element], acts: &mut Vec<&'e Act>, depth: usize) {
            for element in elements.iter().filter(|_| depth < 8) {
                if let Some(effects) = element.effects {
                    let lists = [effects.came, effects.changed, effects.gone];
                    acts.extend(lists.into_iter().flatten().filter_map(act));
                }
                below(element.children, acts, depth + 1);
            }
        }
        let mut acts = Vec::new();
        for module in modules::ALL {
            acts.extend(act(&module.effect));
            below(module.elements, &mut acts, 0);
        }
        acts.extend(custompbx_model::declare::phrases().filter_map(act));
        assert!(acts.len() > 30);
        for act in acts {
            let declared = Declared::find(act.command).unwrap_or_else(|| panic!("{}", act.command));
            let needed: Vec<&str> =
                declared.slots.iter().filter(|slot| !slot.optional).map(|slot| slot.name).collect();
            let given: Vec<&str> = act.with.iter().map(|(slot, _)| *slot).collect();
            assert_eq!(needed, given, "{}", act.command);
        }
    }
}
