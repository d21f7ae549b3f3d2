//! Taking over XML that somebody pasted: domains, users of one domain, configurations.
//!
//! What is there already becomes what the text says, by the rules of an import
//! ([`custompbx_model::merge`]); what the text does not mention stays. All of it is one revision, or nothing.

use std::collections::{HashMap, HashSet};

use custompbx_model::declare::kind::Kind;
use custompbx_model::merge::{Counts, merge_domain, merge_element};
use custompbx_model::modules::configuration::CONFIGURATION;
use custompbx_model::modules::directory::kinds::{DOMAIN, USER};
use custompbx_model::node::TEXT_TAG;
use custompbx_model::xml::escape::has_preprocessor_mark;
use custompbx_model::xml::{Limits, line_and_column, parse};
use custompbx_model::{Node, NodeId};
use custompbx_store::InstanceId;

use crate::error::{Error, Result};
use crate::objects::read::Reader;
use crate::objects::{Owner, Wrong};
use crate::{By, Pbx, Plan};

/// What a pasted text may hold.
const LIMITS: Limits = Limits { depth: 100, nodes: 500_000 };

/// Why a pasted text is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is no XML.
    #[error("line {line}, column {column}: {why}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// It holds a command of FreeSWITCH's preprocessor; none is carried out.
    #[error(
        "<{0}> is a command for FreeSWITCH's preprocessor, which is not carried out; write out what it stands for"
    )]
    Command(String),
    /// It is XML of something else.
    #[error("{0}")]
    Unrecognized(String),
    /// It is right, and empty.
    #[error("there is no <{0}> in it")]
    Nothing(&'static str),
    /// One is there twice.
    #[error("{0} stands there twice")]
    Twice(String),
}

/// What became of a pasted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// What it changed.
    pub counts: Counts,
    /// What was left out, or understood otherwise than it was perhaps meant; each with its place.
    pub notes: Vec<String>,
}

impl Pbx {
    /// Takes over domains: a document, the section of the directory, or domains.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::Object`] for names that cannot be, and those of [`Pbx::edit`].
    pub async fn paste_domains(&self, instance: InstanceId, by: &By, text: &str) -> Result<Pasted> {
        let mut text = Text::read(text)?;
        let domains = text.find("directory", &DOMAIN)?;
        let domains = &domains;
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let there = reader.owned(&DOMAIN, &Owner::instance()).await?;
            let (mut edits, mut new, mut counts) = (Vec::new(), Vec::new(), Counts::default());
            for domain in domains {
                let name = name_of(&DOMAIN, domain);
                match there.iter().find(|known| known.name().eq_ignore_ascii_case(&name)) {
                    None => {
                        counts.added += domain.count();
                        new.push(domain.clone());
                    }
                    Some(known) => {
                        let stored = reader.partial(known.id(), domain).await?;
                        let (more, of_domain) = merge_domain(&stored, domain);
                        edits.extend(more);
                        counts = counts.and(of_domain);
                    }
                }
            }
            if !new.is_empty() {
                edits.push(reader.insertion(&DOMAIN, &Owner::instance(), new).await?.0);
            }
            Ok(Plan { summary: summary("domains", counts), edits, value: counts })
        });
        Ok(Pasted { counts: edited.await?.value, notes: text.notes })
    }

    /// Takes over users of a domain: a domain, a list of users, or users.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the domain, and those of [`Pbx::paste_domains`].
    pub async fn paste_users(
        &self,
        instance: InstanceId,
        by: &By,
        domain: NodeId,
        text: &str,
    ) -> Result<Pasted> {
        let mut text = Text::read(text)?;
        let users = text.users()?;
        let users = &users;
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let owner = reader.owner(&USER, domain).await?;
            let ids: Vec<String> = users.iter().map(|user| name_of(&USER, user)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let there: Vec<NodeId> =
                reader.store.users_named(domain, &ids).await?.iter().map(|user| user.node.id).collect();
            let mut stored: HashMap<String, Node> = HashMap::new();
            for subtree in reader.store.subtrees(&there).await? {
                stored.entry(name_of(&USER, &subtree.node).to_ascii_lowercase()).or_insert(subtree.node);
            }
            let (mut edits, mut new, mut counts) = (Vec::new(), Vec::new(), Counts::default());
            for user in users {
                match stored.get(&name_of(&USER, user).to_ascii_lowercase()) {
                    None => {
                        counts.added += user.count();
                        new.push(user.clone());
                    }
                    Some(stored) => {
                        let (more, of_user) = merge_element(stored, user);
                        edits.extend(more);
                        counts = counts.and(of_user);
                    }
                }
            }
            if !new.is_empty() {
                edits.push(reader.insertion(&USER, &owner, new).await?.0);
            }
            Ok(Plan { summary: summary("users", counts), edits, value: counts })
        });
        Ok(Pasted { counts: edited.await?.value, notes: text.notes })
    }

    /// Takes over configurations: a document, the section of configurations, or configurations.
    ///
    /// # Errors
    /// Those of [`Pbx::paste_domains`].
    pub async fn paste_configurations(&self, instance: InstanceId, by: &By, text: &str) -> Result<Pasted> {
        let mut text = Text::read(text)?;
        let documents = text.find("configuration", &CONFIGURATION)?;
        let documents = &documents;
        let edited = self.edit(instance, by, |store| async move {
            let reader = Reader::new(store, instance).await?;
            let (mut edits, mut new, mut counts) = (Vec::new(), Vec::new(), Counts::default());
            for document in documents {
                let name = name_of(&CONFIGURATION, document);
                let there: Vec<NodeId> =
                    reader.documents(&name).await?.iter().map(|document| document.node.id).collect();
                match reader.store.subtrees(&there).await?.first() {
                    None => {
                        counts.added += document.count();
                        new.push(document.clone());
                    }
                    Some(stored) => {
                        let (more, of_document) = merge_element(&stored.node, document);
                        edits.extend(more);
                        counts = counts.and(of_document);
                    }
                }
            }
            if !new.is_empty() {
                edits.push(reader.insertion(&CONFIGURATION, &Owner::instance(), new).await?.0);
            }
            Ok(Plan { summary: summary("configurations", counts), edits, value: counts })
        });
        Ok(Pasted { counts: edited.await?.value, notes: text.notes })
    }
}

fn summary(what: &str, counts: Counts) -> String {
    let Counts { added, changed, removed, .. } = counts;
    format!("paste {what}: {added} added, {changed} changed, {removed} removed")
}

impl Reader {
    /// A stored domain with those of its users that another one mentions.
    async fn partial(&self, domain: NodeId, imported: &Node) -> Result<Node> {
        let missing = || Error::NotFound { what: DOMAIN.word, name: domain.to_string() };
        let mut stored = self.store.without_users(domain).await?.ok_or_else(missing)?;
        let mut mentioned = Vec::new();
        imported.walk(&mut |node| {
            if is_user(node) {
                mentioned.push(name_of(&USER, node));
            }
        });
        let mentioned: Vec<&str> = mentioned.iter().map(String::as_str).collect();
        let users: Vec<NodeId> =
            self.store.users_named(domain, &mentioned).await?.iter().map(|user| user.node.id).collect();
        let mut users = self.store.subtrees(&users).await?;
        users.sort_by_key(|user| user.order);
        let mut by_parent: HashMap<NodeId, Vec<Node>> = HashMap::new();
        for user in users {
            by_parent.entry(user.parent.unwrap_or_default()).or_default().push(user.node);
        }
        put_back(&mut stored, &mut by_parent);
        Ok(stored)
    }
}

fn put_back(node: &mut Node, children: &mut HashMap<NodeId, Vec<Node>>) {
    node.children.iter_mut().for_each(|child| put_back(child, children));
    node.children.extend(children.remove(&node.id).unwrap_or_default());
}

fn is_user(node: &Node) -> bool {
    &*node.tag == USER.tag && USER.which.takes(|name| node.attribute(name))
}

fn name_of(kind: &Kind, node: &Node) -> String {
    kind.key().map(|key| key.read(node).into_owned()).unwrap_or_default()
}

/// A pasted text that is XML.
struct Text {
    /// The elements at the top; an `<include>` around them, as files of FreeSWITCH have it, is none.
    roots: Vec<Node>,
    notes: Vec<String>,
}

impl Text {
    fn read(text: &str) -> Result<Self> {
        let parsed = parse(text, &LIMITS).map_err(|error| {
            let (line, column) = line_and_column(text, error.offset);
            Unreadable::Syntax { line, column, why: error.to_string() }
        })?;
        let mut command = None;
        for root in &parsed.roots {
            root.walk(&mut |node| {
                if has_preprocessor_mark(&node.tag) {
                    command.get_or_insert(node.tag.to_string());
                }
            });
        }
        if let Some(command) = command {
            return Err(Unreadable::Command(command).into());
        }
        let note = |note: &custompbx_model::xml::Note| {
            let (line, column) = line_and_column(text, note.offset);
            format!("line {line}, column {column}: {}", note.message)
        };
        let notes = parsed.notes.iter().map(note).collect();
        let mut roots = Vec::new();
        for root in parsed.roots {
            if &*root.tag == "include" { roots.extend(root.children) } else { roots.push(root) }
        }
        roots.retain(|root| &*root.tag != TEXT_TAG);
        Ok(Self { roots, notes })
    }

    /// The objects of a kind, in a document, in a section, or alone.
    fn find(&mut self, section: &'static str, kind: &'static Kind) -> Result<Vec<Node>> {
        let roots = std::mem::take(&mut self.roots);
        let expected =
            || format!("expected <document>, <section name=\"{section}\">, or <{}> alone", kind.tag);
        let only = match roots.as_slice() {
            [] => return Err(Unreadable::Unrecognized(format!("there is no element; {}", expected())).into()),
            [only] => Some(only.tag.clone()),
            _ => None,
        };
        let found = match only.as_deref() {
            Some("document") => {
                let sections = roots.into_iter().flat_map(|root| root.children);
                let (ours, others): (Vec<_>, Vec<_>) = sections.partition(|child| is_section(child, section));
                self.leave_out(&others);
                self.take(ours.into_iter().flat_map(|ours| ours.children), kind)
            }
            Some("section") if roots.iter().all(|root| is_section(root, section)) => {
                self.take(roots.into_iter().flat_map(|root| root.children), kind)
            }
            _ => {
                if let Some(stranger) = roots.iter().find(|root| &*root.tag != kind.tag) {
                    let several = if roots.len() > 1 { " among several elements" } else { "" };
                    let why = format!("<{}>{several}; {}", stranger.tag, expected());
                    return Err(Unreadable::Unrecognized(why).into());
                }
                roots
            }
        };
        usable(found, kind)
    }

    /// The users of a domain, of a list, or alone.
    fn users(&mut self) -> Result<Vec<Node>> {
        let roots = std::mem::take(&mut self.roots);
        let is_one_list = matches!(roots.as_slice(), [only] if ["domain", "users"].contains(&&*only.tag));
        let found = if is_one_list {
            let mut users = Vec::new();
            for root in &roots {
                root.walk(&mut |node| users.extend(Some(node).filter(|node| is_user(node)).cloned()));
            }
            users
        } else {
            let expected = "expected one <domain>, one <users>, or <user> elements";
            if roots.is_empty() {
                return Err(Unreadable::Unrecognized(format!("there is no element; {expected}")).into());
            }
            if let Some(stranger) = roots.iter().find(|root| !is_user(root)) {
                return Err(Unreadable::Unrecognized(format!("<{}>; {expected}", stranger.tag)).into());
            }
            roots
        };
        usable(found, &USER)
    }

    fn take(&mut self, children: impl Iterator<Item = Node>, kind: &Kind) -> Vec<Node> {
        let (ours, others): (Vec<_>, Vec<_>) = children.partition(|child| &*child.tag == kind.tag);
        self.leave_out(&others);
        ours
    }

    fn leave_out(&mut self, others: &[Node]) {
        for other in others {
            let name = other.natural_name().map(|name| format!(" {name}")).unwrap_or_default();
            self.notes.push(format!("<{}>{name} was left out", other.tag));
        }
    }
}

fn is_section(node: &Node, name: &str) -> bool {
    &*node.tag == "section" && node.attribute("name").is_some_and(|is| is.eq_ignore_ascii_case(name))
}

/// Refuses objects that have no name, or that of another one.
fn usable(found: Vec<Node>, kind: &'static Kind) -> Result<Vec<Node>> {
    if found.is_empty() {
        return Err(Unreadable::Nothing(kind.tag).into());
    }
    let mut names = HashSet::new();
    for node in &found {
        let Some(key) = kind.key() else { continue };
        let name = key.read(node);
        key.check(&name).map_err(|why| Wrong::Field { field: key.name, why })?;
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(Unreadable::Twice(format!("{} {name}", kind.word)).into());
        }
    }
    Ok(found)
}

impl From<Unreadable> for Error {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(text: &str) -> Result<Vec<String>> {
        let found = Text::read(text)?.find("directory", &DOMAIN)?;
        Ok(found.iter().map(|node| name_of(&DOMAIN, node)).collect())
    }

    fn users(text: &str) -> Result<Vec<String>> {
        let found = Text::read(text)?.users()?;
        Ok(found.iter().map(|node| name_of(&USER, node)).collect())
    }

    #[test]
    fn domains_come_in_a_document_in_a_section_or_alone() {
        for text in [
            "<document type='x'><section name='directory'><domain name='a'/><domain name='b'/></section><section name='dialplan'/></document>",
            "<section name='Directory'><domain name='a'/><x/><domain name='b'/></section>",
            "<?xml version='1.0'?><!-- c --><include><domain name='a'/><domain name='b'/></include>",
            "<domain name='a'/>\n<domain name='b'/>",
        ] {
            assert_eq!(domains(text).unwrap(), ["a", "b"], "{text}");
        }
        let why = |text: &str| domains(text).unwrap_err().to_string();
        assert!(
            why("<domain name='a'/><user id='1'/>").starts_with("<user> among several elements; expected")
        );
        assert!(why("<document/><document/>").starts_with("<document> among several"));
        assert!(why("<section name='dialplan'/>").starts_with("<section>; expected"));
        assert!(why("hello").starts_with("there is no element"));
        assert_eq!(why("<document/>"), "there is no <domain> in it");
        assert_eq!(why("<domain name='a'/><domain name='A'/>"), "domain A stands there twice");
        assert_eq!(why("<domain/>"), "name is empty");
        assert_eq!(why("<domain name='a'>\n <b></c></domain>").split(':').next(), Some("line 2, column 5"));
        assert!(
            why("<domain name='a'><X-PRE-PROCESS cmd='exec' data='x'/></domain>")
                .starts_with("<X-PRE-PROCESS>")
        );
        assert!(
            why(&format!("{}{}", "<a>".repeat(101), "</a>".repeat(101))).contains("nested more than 100")
        );
    }

    #[test]
    fn users_come_in_a_domain_in_a_list_or_alone() {
        for text in [
            "<user id='1'/><user id='2'/>",
            "<users><user id='1'/><user id='2'/></users>",
            "<domain name='x'><groups><group name='g'><users><user id='1'/><user id='2' type='pointer'/></users></group></groups><user id='2'/></domain>",
        ] {
            assert_eq!(users(text).unwrap(), ["1", "2"], "{text}");
        }
        assert!(users("<user id='1' type='pointer'/>").is_err());
        assert!(users("<users/>").unwrap_err().to_string().contains("no <user>"));
        assert!(users("<users/><users/>").unwrap_err().to_string().starts_with("<users>; expected one"));
    }
}
