//! The few files that FreeSWITCH must have before it can ask for the others.

use std::fmt;
use std::path::Path;

use custompbx_model::Node;
use custompbx_model::variables::SECTION_TAG;

use super::error::WriteError;
use super::plan::Plan;
use super::{WriteReport, install};
use crate::snippets::{XmlCurlBinding, param, xml_curl_conf, xml_curl_node};

/// FreeSWITCH reads these before mod_xml_curl is there, or from files only.
const FILES: [&str; 4] = ["switch.conf", "modules.conf", "console.conf", "logfile.conf"];
const SECTIONS: [&str; 5] = ["configuration", "dialplan", "chatplan", "directory", "languages"];

/// What the files of [`write_bootstrap`] say.
#[derive(Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// Where FreeSWITCH asks for everything else.
    pub xml_curl_url: String,
    /// For HTTP's basic authentication; without a colon.
    pub user: String,
    /// Its password.
    pub pass: String,
    /// How long FreeSWITCH waits for an answer.
    pub timeout_s: u32,
    /// How the switch calls itself when it asks.
    pub switchname: Option<String>,
    /// As [`WriteOptions::overwrite`](super::WriteOptions::overwrite).
    pub overwrite: bool,
}

impl fmt::Debug for Bootstrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { xml_curl_url, user, timeout_s, switchname, overwrite, pass: _ } = self;
        f.debug_struct("Bootstrap")
            .field("xml_curl_url", xml_curl_url)
            .field("user", user)
            .field("timeout_s", timeout_s)
            .field("switchname", switchname)
            .field("overwrite", overwrite)
            .finish_non_exhaustive()
    }
}

/// Writes only what FreeSWITCH must have as files to get the rest by mod_xml_curl: the variables, the documents that
/// it reads before that module is there, and sections without content.
///
/// # Errors
/// As [`write`](super::write()).
pub fn write_bootstrap(
    document: &Node,
    dir: &Path,
    bootstrap: &Bootstrap,
) -> Result<WriteReport, WriteError> {
    let binding = XmlCurlBinding {
        url: bootstrap.xml_curl_url.clone(),
        user: bootstrap.user.clone(),
        pass: bootstrap.pass.clone(),
        timeout: bootstrap.timeout_s,
    };
    let small = reduced(document, bootstrap.switchname.as_deref(), &xml_curl_node(&binding));
    let mut plan = Plan::of(&small)?;
    // The snippet is safe against variables in a password, which the printer has to let through.
    let snippet = format!("<include>\n{}</include>\n", xml_curl_conf(&binding));
    for (path, bytes) in &mut plan.files {
        if path.ends_with("xml_curl.conf.xml") {
            *bytes = snippet.clone().into_bytes();
        }
    }
    install(&small, &plan, dir, bootstrap.overwrite)
}

fn reduced(document: &Node, switchname: Option<&str>, xml_curl: &Node) -> Node {
    let mut small = Node { attributes: document.attributes.clone(), ..Node::new("document") };
    if small.attribute("type").is_none() {
        small.set_attribute("type", "freeswitch/xml");
    }
    small.children.extend(document.child(SECTION_TAG).cloned());
    for name in SECTIONS {
        let mut section = Node::new("section").with("name", name);
        if name == "configuration" {
            section.children.push(switch_conf(stored(document, "switch.conf"), switchname));
            section.children.push(modules_conf(stored(document, "modules.conf")));
            section.children.extend(FILES[2..].iter().filter_map(|name| stored(document, name).cloned()));
            section.children.push(xml_curl.clone());
        }
        small.children.push(section);
    }
    small
}

/// The configuration of this name, as FreeSWITCH finds it.
fn stored<'d>(document: &'d Node, name: &str) -> Option<&'d Node> {
    let sections = document.children.iter().filter(|section| {
        section.enabled
            && section.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("configuration"))
    });
    sections.flat_map(|section| section.children_named("configuration")).find(|child| {
        child.enabled && child.attribute("name").is_some_and(|own| own.eq_ignore_ascii_case(name))
    })
}

fn switch_conf(stored: Option<&Node>, switchname: Option<&str>) -> Node {
    let mut conf =
        stored.cloned().unwrap_or_else(|| configuration("switch.conf").containing([Node::new("settings")]));
    let Some(switchname) = switchname else { return conf };
    let at = conf.children.iter().position(|child| &*child.tag == "settings").unwrap_or_else(|| {
        conf.children.push(Node::new("settings"));
        conf.children.len() - 1
    });
    let settings = &mut conf.children[at].children;
    settings.retain(|child| child.attribute("name") != Some("switchname"));
    settings.insert(0, param("switchname", switchname));
    conf
}

/// mod_xml_curl before everything that asks it for a configuration; before it only what shows its messages.
fn modules_conf(stored: Option<&Node>) -> Node {
    let mut loads: Vec<Node> = stored
        .iter()
        .flat_map(|conf| conf.children_named("modules"))
        .filter(|modules| modules.enabled)
        .flat_map(|modules| modules.children_named("load"))
        .filter(|load| load.enabled)
        .cloned()
        .collect();
    if !loads.iter().any(|load| load.attribute("module") == Some("mod_xml_curl")) {
        loads.push(Node::new("load").with("module", "mod_xml_curl"));
    }
    loads.sort_by_key(|load| {
        let first = ["mod_console", "mod_logfile", "mod_xml_curl"];
        first.iter().position(|name| load.attribute("module") == Some(name)).unwrap_or(first.len())
    });
    let head = stored.map_or_else(
        || configuration("modules.conf"),
        |conf| Node { children: Vec::new(), text: None, ..conf.clone() },
    );
    head.containing([Node::new("modules").containing(loads)])
}

fn configuration(name: &str) -> Node {
    Node::new("configuration").with("name", name)
}

#[cfg(test)]
mod tests {
    use custompbx_model::xml::{Limits, parse};

    use super::*;

    #[test]
    fn mod_xml_curl_comes_before_all_that_ask_it() {
        let text = "<configuration name='modules.conf' x='y'><modules><load module='mod_a'/><load module='mod_logfile'/><load module='mod_xml_curl' critical='true'/><load module='mod_console'/></modules></configuration>";
        let stored = parse(text, &Limits::default()).unwrap().roots.remove(0);
        let conf = modules_conf(Some(&stored));
        let order: Vec<_> = conf.children[0].children.iter().filter_map(Node::natural_name).collect();
        assert_eq!(order, ["mod_console", "mod_logfile", "mod_xml_curl", "mod_a"]);
        assert_eq!(conf.attribute("x"), Some("y"));
        assert_eq!(modules_conf(None).children[0].children.len(), 1);
    }

    #[test]
    fn the_switchname_takes_the_place_of_another() {
        let stored = configuration("switch.conf")
            .containing([Node::new("settings").containing([param("switchname", "old"), param("a", "b")])]);
        let conf = switch_conf(Some(&stored), Some("fs1"));
        assert_eq!(conf.children[0].children[0].attribute("value"), Some("fs1"));
        assert_eq!(conf.children[0].children.len(), 2);
        assert!(switch_conf(None, Some("fs1")).child("settings").is_some());
    }
}
