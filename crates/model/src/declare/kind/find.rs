//! Which object a node is.

use super::{Above, Kind};
use crate::edit::Step;
use crate::modules;
use crate::node::NodeId;
use crate::variables::SECTION_TAG;

/// An object on the way to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What it is.
    pub kind: &'static Kind,
    /// Its node.
    pub id: NodeId,
}

/// The object at the end of a path (root first) behind all that own it, outermost first; `None` for a node that is no
/// object.
pub fn chain(path: &[Step]) -> Option<Vec<Link>> {
    let mut links: Vec<(usize, Link)> = Vec::new();
    for at in 2..path.len() {
        // A user that stands in a group belongs to the domain, so all that was passed is tried, nearest first.
        let found = (0..=links.len()).rev().find_map(|depth| {
            let owner = depth.checked_sub(1).map(|depth| &links[depth]);
            let kind = owned(path, owner, at)?;
            Some((depth, kind))
        });
        if let Some((depth, kind)) = found {
            links.truncate(depth);
            links.push((at, Link { kind, id: path[at].id }));
        }
    }
    let (last, _) = links.last()?;
    (last + 1 == path.len()).then(|| links.into_iter().map(|(_, link)| link).collect())
}

/// The part of `path` up to the innermost object on it, that one included.
pub fn path_of(path: &[Step]) -> Option<Vec<Link>> {
    (1..=path.len()).rev().find_map(|length| chain(&path[..length]))
}

/// The kind of the node at `at` if it belongs to `owner`, or to the section where there is none.
fn owned(path: &[Step], owner: Option<&(usize, Link)>, at: usize) -> Option<&'static Kind> {
    let node = &path[at];
    let from = owner.map_or(1, |(at, _)| *at);
    let between = &path[from + 1..at];
    modules::KINDS.iter().copied().find(|kind| {
        kind.tag == &*node.tag
            && kind.above.iter().any(|above| is_above(*above, &path[from], owner.map(|(_, link)| link.kind)))
            && kind.ways.iter().any(|way| {
                way.len() == between.len() && way.iter().zip(between).all(|(tag, step)| **tag == *step.tag)
            })
            && kind.which.takes(|name| attribute(node, name))
    })
}

fn is_above(above: Above, step: &Step, kind: Option<&Kind>) -> bool {
    let named = |name: &str| attribute(step, "name").is_some_and(|is| is.eq_ignore_ascii_case(name));
    match (above, kind) {
        (Above::Section(name), None) => &*step.tag != SECTION_TAG && named(name),
        (Above::Variables, None) => &*step.tag == SECTION_TAG,
        (Above::Document(name), Some(kind)) => kind.name == "configuration" && named(name),
        (Above::Object(above), Some(kind)) => above == kind,
        _ => false,
    }
}

fn attribute<'a>(step: &'a Step, name: &str) -> Option<&'a str> {
    step.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    /// All objects of a text: kinds from the outside in, and the natural name.
    fn objects(text: &str) -> Vec<String> {
        fn walk(node: &crate::Node, path: &mut Vec<Step>, all: &mut Vec<String>) {
            let id = NodeId(i64::try_from(all.len() + path.len()).unwrap());
            path.push(Step { id, tag: node.tag.clone(), attributes: node.attributes.clone() });
            if let Some(links) = chain(path) {
                assert_eq!(links.last().unwrap().id, id);
                assert_eq!(path_of(path).unwrap(), links);
                let kinds: Vec<&str> = links.iter().map(|link| link.kind.name).collect();
                all.push(format!("{} {}", kinds.join(" > "), node.natural_name().unwrap_or_default()));
            }
            node.children.iter().for_each(|child| walk(child, path, all));
            path.pop();
        }
        let node = parse(text, &Limits::default()).unwrap().roots.remove(0);
        let mut all = Vec::new();
        walk(&node, &mut Vec::new(), &mut all);
        all
    }

    #[test]
    fn users_belong_to_their_domain_wherever_they_stand() {
        let all = objects(
            "<document><section name='directory'><domain name='d'>
               <params><param name='p'/></params>
               <groups><group name='g'><params><param name='not ours'/></params><users>
                 <user id='1'><variables><variable name='v'/></variables></user>
                 <user id='2' type='pointer'/>
               </users></group></groups>
               <users><user id='3'><gateways><gateway name='w'><param name='q'/><variables><variable name='x'/></variables></gateway></gateways></user></users>
               <user id='4'/>
               <other><user id='5'/></other>
             </domain></section><section name='dialplan'><domain name='no'/></section></document>",
        );
        assert_eq!(
            all,
            [
                "directory.domain d",
                "directory.domain > directory.domain.param p",
                "directory.domain > directory.group g",
                "directory.domain > directory.user 1",
                "directory.domain > directory.user > directory.user.var v",
                "directory.domain > directory.group > directory.group_user 2",
                "directory.domain > directory.user 3",
                "directory.domain > directory.user > directory.gateway w",
                "directory.domain > directory.user > directory.gateway > directory.gateway.param q",
                "directory.domain > directory.user > directory.gateway > directory.gateway.var x",
                "directory.domain > directory.user 4",
            ]
        );
    }

    #[test]
    fn conditions_stand_in_conditions() {
        let all = objects(
            "<document><section name='dialplan'><context name='c'><extension name='e'>
               <condition field='a'><regex field='r'/><action application='x'/>
                 <condition field='b'><anti-action application='y'/></condition></condition>
             </extension></context></section><section name='chatplan'><context name='no'/></section></document>",
        );
        let ends: Vec<&str> = all.iter().map(|line| line.rsplit(" > ").next().unwrap()).collect();
        assert_eq!(
            ends,
            [
                "dialplan.context c",
                "dialplan.extension e",
                "dialplan.condition a",
                "dialplan.regex r",
                "dialplan.action x",
                "dialplan.condition b",
                "dialplan.antiaction y",
            ]
        );
        assert_eq!(
            all[6],
            "dialplan.context > dialplan.extension > dialplan.condition > dialplan.condition > dialplan.antiaction y"
        );
    }

    #[test]
    fn configurations_and_variables() {
        let all = objects(
            "<document><variables><variable name='v'/></variables><section name='configuration'>
               <configuration name='post_load_modules.conf'><modules><load module='mod_x'/></modules></configuration>
               <configuration name='modules.conf'><modules><load module='mod_y'/></modules></configuration>
             </section></document>",
        );
        assert_eq!(
            all,
            [
                "global_variable v",
                "configuration post_load_modules.conf",
                "configuration > post_load_modules.module mod_x",
                "configuration modules.conf",
            ]
        );
    }
}
