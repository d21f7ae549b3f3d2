//! Which commands a change comes to.

use super::effect::{self, Act, Effect, Effects, From};
use super::{Element, Module, Place, undeclared};
use crate::modules;
use crate::modules::configuration::Known;
use crate::node::Node;
use crate::variables::{SECTION_TAG, VARIABLE_TAG};

/// What happened to an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened<'a> {
    /// It came, or was enabled, with all that is in it.
    Came,
    /// These of its attributes, or its text, are otherwise.
    Changed(&'a [&'a str]),
    /// It went, or was disabled, with all that is in it.
    Gone,
    /// It was there under another name, or at another place, with all that is in it.
    Renamed,
}

/// A command that is due, as far as the tree says it. Values may have `$${variables}` in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Whether it is run, or offered.
    pub how: How,
    /// The command; empty for [`How::Restart`].
    pub command: &'static str,
    /// Its slots.
    pub values: Vec<(&'static str, Value)>,
}

/// What is done with a command that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It disturbs nobody.
    Run,
    /// It may end calls or registrations.
    Ask,
    /// No command helps, only a restart.
    Restart,
}

/// The value of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// This text.
    Text(String),
    /// Each SIP profile that runs.
    EachProfile,
}

/// What a change of the element at the end of `path` comes to. `path` is the way from the root, without children but for
/// the element itself, which has them when it came or went.
pub fn due(path: &[&Node], happened: Happened<'_>) -> Vec<Due> {
    let Some(section) = path.get(1) else { return everything() };
    if &*section.tag == SECTION_TAG {
        return variables(path, happened);
    }
    let Some((place, depth)) = place(path) else { return everything() };
    let Some(module) = modules::find(place) else { return of_undeclared(path, place) };
    let mut due = Collected { path, module, all: Vec::new() };
    due.collect(depth, happened);
    due.all
}

/// What it comes to that an element has other attributes, and these (`changed`) are otherwise. `before` and `after` are
/// the ways to it as it was and as it is.
///
/// One with another name goes, and comes. Some are named by more than their key: what takes them away tells which.
pub fn updated(before: &[&Node], after: &[&Node], changed: &[&str]) -> Vec<Due> {
    let is_renamed = key(after).is_some_and(|key| changed.contains(&key));
    if is_renamed || due(before, Happened::Gone) != due(after, Happened::Gone) {
        return moved(before, after);
    }
    due(after, Happened::Changed(changed))
}

/// The attribute that names the element at the end of `path`.
fn key(path: &[&Node]) -> Option<&'static str> {
    let (place, depth) = place(path)?;
    let elements = modules::find(place)?.elements;
    let below = path.get(depth..)?.iter();
    let mut known = elements;
    let mut key = None;
    for node in below {
        let element = known.iter().find(|element| element.tag == &*node.tag)?;
        (known, key) = (element.children, element.key);
    }
    key
}

/// What declares the elements of a path, and from which depth on.
fn place<'n>(path: &[&'n Node]) -> Option<(Place<'n>, usize)> {
    let name = path.get(1)?.attribute("name").unwrap_or_default();
    Some(match path.get(2) {
        Some(document) if name == "configuration" => {
            (Place::Document(document.attribute("name").unwrap_or_default()), 3)
        }
        _ => (Place::Section(name), 2),
    })
}

/// What it comes to that an element is at another place, under another parent or another name.
pub fn moved(before: &[&Node], after: &[&Node]) -> Vec<Due> {
    let mut all = due(before, Happened::Gone);
    all.extend(due(after, Happened::Renamed));
    all
}

/// A whole tree, or what cannot be told apart: every kind of command that disturbs nobody.
pub fn everything() -> Vec<Due> {
    let each = [effect::FLUSH_ALL, Effect::Run(Act::plain("reloadacl")), effect::RESCAN_EACH];
    each.iter().filter_map(|effect| resolve(effect, &[], "")).collect()
}

struct Collected<'a> {
    path: &'a [&'a Node],
    module: &'static Module,
    all: Vec<Due>,
}

impl Collected<'_> {
    fn collect(&mut self, depth: usize, happened: Happened<'_>) {
        // The declared elements on the way down.
        let mut elements: Vec<&'static Element> = Vec::new();
        let mut known = self.module.elements;
        for node in self.path.get(depth..).unwrap_or_default() {
            let Some(element) = known.iter().find(|element| element.tag == &*node.tag) else { break };
            elements.push(element);
            known = element.children;
        }
        let is_whole = depth + elements.len() == self.path.len();
        if let (true, Some(words)) = (is_whole, self.words(&elements, happened)) {
            return self.add(words, self.path);
        }
        let itself = elements.last().filter(|_| is_whole).and_then(|element| element.effects);
        // What has effects of its own may be inside of what came or went.
        if let (true, None, false, Some(top)) =
            (is_whole, itself, matches!(happened, Happened::Changed(_)), self.path.last())
        {
            let mut path = self.path.to_vec();
            path.pop();
            if self.inside(&mut path, top, None, known, happened) {
                return;
            }
        }
        let around = elements.iter().enumerate().rev().find_map(|(at, element)| Some((at, element.effects?)));
        match around {
            None => self.add(std::slice::from_ref(&self.module.effect), self.path),
            Some((at, effects)) => {
                let list = which(effects, if itself.is_some() { happened } else { Happened::Changed(&[]) });
                self.add(list, self.path.get(..=depth + at).unwrap_or_default());
            }
        }
    }

    /// What the catalogue says of a parameter or of changed attributes.
    fn words(&self, elements: &[&'static Element], happened: Happened<'_>) -> Option<&'static [Effect]> {
        // What is read at each request may still be kept by FreeSWITCH, as users are.
        let Place::Document(_) = self.module.place else { return None };
        let (element, node) = (elements.last()?, self.path.last()?);
        if element.is_pair() {
            let scope = elements.iter().rev().skip(1).find_map(|element| element.parameters)?;
            let known = self.module.parameter(scope, node.attribute("name")?)?;
            return effect::of_phrase(&known.effect);
        }
        let Happened::Changed(attributes) = happened else { return None };
        let scope = element.attributes?;
        let known = attributes.iter().filter(|attribute| Some(**attribute) != element.key);
        known
            .filter_map(|attribute| self.module.parameter(scope, attribute))
            .find_map(|known| effect::of_phrase(&known.effect))
    }

    /// Whether there was something with effects in what came or went.
    fn inside<'n>(
        &mut self,
        path: &mut Vec<&'n Node>,
        node: &'n Node,
        element: Option<&'static Element>,
        children: &'static [&'static Element],
        happened: Happened<'_>,
    ) -> bool {
        path.push(node);
        let mut found = false;
        if let Some(effects) = element.and_then(|element| element.effects) {
            self.add(which(effects, happened), path);
            found = true;
        } else {
            for child in node.children.iter().filter(|child| child.enabled) {
                let Some(element) = children.iter().find(|element| element.tag == &*child.tag) else {
                    continue;
                };
                found |= self.inside(path, child, Some(element), element.children, happened);
            }
        }
        path.pop();
        found
    }

    fn add(&mut self, effects: &[Effect], path: &[&Node]) {
        self.all.extend(effects.iter().filter_map(|effect| resolve(effect, path, self.module.module)));
    }
}

fn which(effects: &'static Effects, happened: Happened<'_>) -> &'static [Effect] {
    match happened {
        Happened::Came => effects.came,
        Happened::Changed(_) => effects.changed,
        Happened::Gone => effects.gone,
        Happened::Renamed => effects.renamed,
    }
}

/// `None` where nothing is to be done.
fn resolve(effect: &Effect, path: &[&Node], module: &str) -> Option<Due> {
    let (how, act) = match effect {
        Effect::None => return None,
        Effect::Restart => {
            return Some(Due { how: How::Restart, command: "", values: Vec::new() });
        }
        Effect::Run(act) => (How::Run, act),
        Effect::Ask(act) => (How::Ask, act),
    };
    let value = |from: &From| match from {
        From::Key(tag) => {
            let named = path.iter().rev().find(|node| &*node.tag == *tag)?;
            let key = if *tag == "user" { "id" } else { "name" };
            Some(Value::Text(named.attribute(key)?.to_owned()))
        }
        From::Own(attribute) => Some(Value::Text(path.last()?.attribute(attribute)?.to_owned())),
        From::Of(tag, attribute) => {
            let node = path.iter().rev().find(|node| &*node.tag == *tag)?;
            Some(Value::Text(node.attribute(attribute)?.to_owned()))
        }
        From::Module => Some(Value::Text(module.to_owned())),
        From::EachProfile => Some(Value::EachProfile),
    };
    let values = act.with.iter().map(|(slot, from)| Some((*slot, value(from)?))).collect::<Option<_>>();
    // Where the names are missing, all that is left is what helps for everything.
    Some(Due { how, command: act.command, values: values? })
}

/// A document without a declaration: what the catalogue says of the parameter; else its module is reloaded.
fn of_undeclared(path: &[&Node], place: Place<'_>) -> Vec<Due> {
    let Place::Document(name) = place else { return Vec::new() };
    let known = undeclared().iter().find(|known| known.name == name);
    let parameter = path.last().and_then(|node| node.attribute("name"));
    let said = known.and_then(|known| {
        let parameters = || known.parameters.iter().filter(|known| !known.effect.is_empty());
        let this = parameters().find(|known| Some(&*known.name) == parameter);
        // What is true of most of them is true of the document.
        let effect = this.or_else(|| parameters().next())?;
        effect::of_phrase(&effect.effect)
    });
    let module = known.map(|known| &*known.module).or_else(|| Known::of(name)?.module).unwrap_or_default();
    let reload = [effect::RELOAD];
    let effects = match said {
        Some(said) => said,
        None if module.starts_with("mod_") => &reload,
        None => &[],
    };
    effects.iter().filter_map(|effect| resolve(effect, path, module)).collect()
}

/// Global variables: the switch has those of its start, and what it is told. It never loses one that it has.
fn variables(path: &[&Node], happened: Happened<'_>) -> Vec<Due> {
    let mut all = Vec::new();
    let mut tell = |node: &Node| {
        let is_set = node.enabled && node.attribute("cmd").is_none_or(|command| command == "set");
        if let (true, Some(name), Some(value)) = (is_set, node.attribute("name"), node.attribute("value")) {
            let text = |text: &str| Value::Text(text.to_owned());
            let values = vec![("name", text(name)), ("value", text(value))];
            all.push(Due { how: How::Run, command: "global.set", values });
        }
    };
    match (path.last(), happened) {
        (_, Happened::Gone) | (None, _) => {}
        (Some(node), _) if &*node.tag == VARIABLE_TAG => tell(node),
        (Some(node), _) => node.walk(&mut |node| {
            if &*node.tag == VARIABLE_TAG {
                tell(node);
            }
        }),
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    /// What happens to the last element that a text has, as the only one at its level.
    fn told(text: &str, tag: &str, happened: Happened<'_>) -> Vec<String> {
        let parsed = parse(text, &Limits::default()).unwrap();
        let mut path = Vec::new();
        assert!(find(&parsed.roots[0], tag, &mut path), "{tag}");
        due(&path, happened).into_iter().map(shown).collect()
    }

    fn find<'n>(node: &'n Node, tag: &str, path: &mut Vec<&'n Node>) -> bool {
        path.push(node);
        if &*node.tag == tag || node.children.iter().any(|child| find(child, tag, path)) {
            return true;
        }
        path.pop();
        false
    }

    fn shown(due: Due) -> String {
        let Due { how, command, values, .. } = due;
        let values: Vec<String> = values
            .into_iter()
            .map(|(slot, value)| match value {
                Value::Text(text) => format!(" {slot}={text}"),
                Value::EachProfile => format!(" {slot}=*"),
            })
            .collect();
        format!("{how:?} {command}{}", values.concat())
    }

    fn document(name: &str, inner: &str) -> String {
        format!(
            "<document><section name=\"configuration\"><configuration name=\"{name}\">{inner}</configuration></section></document>"
        )
    }

    #[test]
    fn access_lists() {
        let acl = document(
            "acl.conf",
            "<network-lists><list name=\"l\"><node cidr=\"1.2.3.4/32\"/></list></network-lists>",
        );
        for tag in ["node", "list", "configuration"] {
            for happened in [Happened::Came, Happened::Changed(&["cidr"]), Happened::Gone] {
                assert_eq!(told(&acl, tag, happened), ["Run reloadacl"], "{tag} {happened:?}");
            }
        }
    }

    #[test]
    fn sip_profiles_and_gateways() {
        let sofia = |inner: &str| {
            document(
                "sofia.conf",
                &format!("<profiles><profile name=\"internal\">{inner}</profile></profiles>"),
            )
        };
        let param = |name: &str| sofia(&format!("<settings><param name=\"{name}\" value=\"1\"/></settings>"));
        let changed = Happened::Changed(&["value"]);
        assert_eq!(told(&param("context"), "param", changed), ["Run sofia.rescan profile=internal"]);
        assert_eq!(told(&param("sip-port"), "param", changed), ["Ask sofia.restart profile=internal"]);
        assert_eq!(told(&param("nobody-knows"), "param", changed), ["Run sofia.rescan profile=internal"]);
        let gateway =
            sofia("<gateways><gateway name=\"g\"><param name=\"realm\" value=\"r\"/></gateway></gateways>");
        let anew =
            ["Run sofia.killgw profile=internal gateway=g", "Run sofia.startgw profile=internal gateway=g"];
        assert_eq!(told(&gateway, "param", changed), anew);
        assert_eq!(told(&gateway, "gateway", Happened::Came), anew);
        assert_eq!(told(&gateway, "gateway", Happened::Gone), anew[..1]);
        assert_eq!(told(&gateway, "gateways", Happened::Came), anew);
        assert_eq!(told(&gateway, "gateways", Happened::Gone), anew[..1]);
        assert_eq!(told(&gateway, "profile", Happened::Came), ["Run sofia.start profile=internal"]);
        assert_eq!(told(&gateway, "profile", Happened::Gone), ["Ask sofia.stop profile=internal"]);
        assert_eq!(told(&gateway, "configuration", Happened::Came), ["Run sofia.start profile=internal"]);
        let global = document(
            "sofia.conf",
            "<global_settings><param name=\"log-level\" value=\"1\"/></global_settings>",
        );
        assert_eq!(told(&global, "param", changed), ["Ask module.reload module=mod_sofia"]);
    }

    #[test]
    fn the_call_centre() {
        let queue = document(
            "callcenter.conf",
            "<queues><queue name=\"q@d\"><param name=\"strategy\" value=\"ring-all\"/></queue></queues>",
        );
        assert_eq!(
            told(&queue, "param", Happened::Changed(&["value"])),
            ["Run callcenter.queue.reload queue=q@d"]
        );
        assert_eq!(told(&queue, "queue", Happened::Came), ["Run callcenter.queue.load queue=q@d"]);
        assert_eq!(told(&queue, "queue", Happened::Gone), ["Ask callcenter.queue.unload queue=q@d"]);
        let agent = document("callcenter.conf", "<agents><agent name=\"a\" type=\"callback\"/></agents>");
        assert_eq!(told(&agent, "agent", Happened::Came), ["Run callcenter.agent.reload agent=a"]);
        assert_eq!(
            told(&agent, "agent", Happened::Changed(&["contact"])),
            ["Run callcenter.agent.reload agent=a"]
        );
        assert_eq!(told(&agent, "agent", Happened::Gone), ["Run callcenter.agent.delete agent=a"]);
        let tier = document("callcenter.conf", "<tiers><tier agent=\"a\" queue=\"q\"/></tiers>");
        assert_eq!(told(&tier, "tier", Happened::Came), ["Run callcenter.tier.reload queue=q agent=a"]);
        assert_eq!(told(&tier, "tier", Happened::Gone), ["Run callcenter.tier.delete queue=q agent=a"]);
    }

    #[test]
    fn the_directory() {
        let user = "<document><section name=\"directory\"><domain name=\"d\"><users><user id=\"1\"><params>\
                    <param name=\"password\" value=\"x\"/></params></user></users></domain></section></document>";
        let changed = Happened::Changed(&["value"]);
        let flush = ["Run xml_flush_cache user=1 domain=d"];
        assert_eq!(told(user, "param", changed), flush);
        assert_eq!(told(user, "user", Happened::Gone), flush);
        let domain = ["Run xml_flush_cache.all", "Run sofia.rescan profile=*"];
        assert_eq!(told(user, "domain", Happened::Came), domain);
        assert_eq!(told(user, "domain", Happened::Gone), domain);
        let head = "<document><section name=\"directory\"><domain name=\"d\"><params>\
                    <param name=\"dial-string\" value=\"x\"/></params></domain></section></document>";
        assert_eq!(told(head, "param", changed), ["Run xml_flush_cache.all"]);
    }

    #[test]
    fn documents_without_a_declaration_and_variables() {
        let changed = Happened::Changed(&["value"]);
        let voicemail = document(
            "voicemail.conf",
            "<profiles><profile name=\"default\"><param name=\"file-extension\" value=\"wav\"/></profile></profiles>",
        );
        assert_eq!(told(&voicemail, "param", changed), ["Run voicemail.reload profile=default"]);
        let unknown = document("nobody-knows.conf", "<settings><param name=\"a\" value=\"b\"/></settings>");
        assert!(told(&unknown, "param", changed).is_empty());
        let dialplan = "<document><section name=\"dialplan\"><context name=\"c\"/></section></document>";
        assert!(told(dialplan, "context", Happened::Came).is_empty());
        let variables = "<document><variables><variable name=\"a\" value=\"1\" cmd=\"set\"/>\
                         <variable name=\"b\" value=\"id\" cmd=\"exec-set\"/><variable name=\"c\" value=\"2\"/></variables></document>";
        assert_eq!(
            told(variables, "variables", Happened::Came),
            ["Run global.set name=a value=1", "Run global.set name=c value=2"]
        );
        let switch =
            document("switch.conf", "<settings><param name=\"max-sessions\" value=\"1\"/></settings>");
        assert_eq!(told(&switch, "param", changed), ["Restart "]);
        assert_eq!(shown(everything().remove(0)), "Run xml_flush_cache.all");
    }
}
