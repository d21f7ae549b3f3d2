//! Which part of a document goes into which file.

use std::path::{Path, PathBuf};

use custompbx_model::Node;
use custompbx_model::node::TEXT_TAG;
use custompbx_model::variables::{SECTION_TAG, VARIABLE_TAG};
use custompbx_model::xml::escape::{escape_into, has_preprocessor_mark, is_name};
use custompbx_model::xml::{Style, print_into};

use super::error::WriteError;
use super::names::Names;
use crate::read::MAIN_FILE;
use crate::read::command::{Command, LONGEST_LINE, Line, assignment, classify};

const VARIABLES_FILE: &str = "vars.xml";

/// The files of a directory, with paths in it.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) files: Vec<(PathBuf, Vec<u8>)>,
}

impl Plan {
    /// # Errors
    /// When something in the document cannot be written so that FreeSWITCH reads it as it is.
    pub(super) fn of(document: &Node) -> Result<Self, WriteError> {
        let mut names = Names::default();
        for reserved in
            [MAIN_FILE, VARIABLES_FILE, "autoload_configs", "dialplan", "chatplan", "directory", "lang"]
        {
            names.reserve(reserved);
        }
        let mut plan = Self { files: Vec::new() };
        check_names(document, "the document")?;
        let mut main = b"<?xml version=\"1.0\"?>\n<document".to_vec();
        attributes(&mut main, document);
        main.extend_from_slice(b">\n");
        include(&mut main, 1, Path::new(VARIABLES_FILE));
        let mut variables = b"<include>\n".to_vec();
        for child in document.children.iter().filter(|child| child.enabled) {
            match &*child.tag {
                SECTION_TAG => {
                    for variable in child.children_named(VARIABLE_TAG).filter(|variable| variable.enabled) {
                        variables.extend_from_slice(variable_line(variable)?.as_bytes());
                    }
                }
                "section" => plan.section(&mut main, child, &mut names),
                _ => print_into(&mut main, child, Style::Indented, 1),
            }
        }
        main.extend_from_slice(b"</document>\n");
        variables.extend_from_slice(b"</include>\n");
        plan.files.insert(0, (MAIN_FILE.into(), main));
        plan.files.insert(1, (VARIABLES_FILE.into(), variables));
        plan.files.iter().try_for_each(|(file, bytes)| check_lines(file, bytes))?;
        Ok(plan)
    }

    fn section(&mut self, main: &mut Vec<u8>, section: &Node, names: &mut Names) {
        // Where text counts, a line more would be one character more of it.
        if section.text.is_some() || section.children.iter().any(|child| &*child.tag == TEXT_TAG) {
            print_into(main, section, Style::Indented, 1);
            return;
        }
        main.extend_from_slice(b"\n  <section");
        attributes(main, section);
        main.extend_from_slice(b">\n");
        let home = Home::of(section, names);
        for child in section.children.iter().filter(|child| child.enabled) {
            match home.file(child, names) {
                Some(path) => {
                    let mut bytes = b"<include>\n".to_vec();
                    print_into(&mut bytes, child, Style::Indented, 0);
                    bytes.extend_from_slice(b"</include>\n");
                    include(main, 2, &path);
                    self.files.push((path, bytes));
                }
                None => print_into(main, child, Style::Indented, 2),
            }
        }
        main.extend_from_slice(b"  </section>\n");
    }
}

/// Where the documents of a section go.
struct Home {
    dir: PathBuf,
    /// The tag of its documents; any, in sections that FreeSWITCH does not have.
    tag: Option<&'static str>,
    /// Each has a directory of its own.
    own_directory: bool,
}

impl Home {
    fn of(section: &Node, names: &mut Names) -> Self {
        let name = section.attribute("name").unwrap_or_default();
        let (dir, tag) = match name.to_ascii_lowercase().as_str() {
            "configuration" => ("autoload_configs", "configuration"),
            "dialplan" => ("dialplan", "context"),
            "chatplan" => ("chatplan", "context"),
            "directory" => ("directory", "domain"),
            "languages" => ("lang", "language"),
            _ => {
                return Self { dir: names.directory(Path::new(""), name), tag: None, own_directory: false };
            }
        };
        Self { dir: dir.into(), tag: Some(tag), own_directory: tag == "language" }
    }

    fn file(&self, document: &Node, names: &mut Names) -> Option<PathBuf> {
        if self.tag.is_some_and(|tag| tag != &*document.tag) {
            return None;
        }
        let name = match self.tag {
            Some(_) => document.attribute("name")?,
            None => document.natural_name().unwrap_or(&document.tag),
        };
        let dir = if self.own_directory { names.directory(&self.dir, name) } else { self.dir.clone() };
        Some(names.file(&dir, name))
    }
}

fn include(out: &mut Vec<u8>, depth: usize, path: &Path) {
    let command =
        format!("{:1$}<X-PRE-PROCESS cmd=\"include\" data=\"{2}\"/>\n", "", depth * 2, path.display());
    out.extend_from_slice(command.as_bytes());
}

fn attributes(out: &mut Vec<u8>, node: &Node) {
    for (name, value) in &node.attributes {
        out.extend_from_slice(format!(" {name}=\"").as_bytes());
        escape_into(out, value);
        out.push(b'"');
    }
}

/// The command that sets the variable, if FreeSWITCH reads it as it is meant.
fn variable_line(variable: &Node) -> Result<String, WriteError> {
    let name = variable.attribute("name").unwrap_or_default();
    let value = variable.attribute("value").unwrap_or_default();
    let cmd = variable.attribute("cmd").unwrap_or("set");
    let refuse = |reason| Err(WriteError::Variable { name: name.to_owned(), reason });
    if name.is_empty() {
        return refuse("it has no name");
    }
    if !["set", "env-set", "stun-set", "exec-set"].contains(&cmd) {
        return refuse("its cmd is none of set, env-set, stun-set and exec-set");
    }
    if cmd == "env-set" && !value.starts_with('$') {
        return refuse("the value of an env-set begins with a $");
    }
    if [name, value].iter().any(|text| text.contains(['"', '\n', '\r', '\0'])) {
        return refuse("FreeSWITCH has no way to write a double quote or a line break in it");
    }
    let data = format!("{name}={value}");
    let line = format!("  <X-PRE-PROCESS cmd=\"{cmd}\" data=\"{data}\"/>\n");
    let dropped = ["<include>", "</include>", "<?"].iter().any(|mark| data.contains(mark));
    let expected = Some(Command { name: cmd, data: &data });
    let same = matches!(classify(&line), Line::Marked { command, .. } if command == expected);
    if dropped || !same || assignment(&data) != Some((name, value)) {
        return refuse("FreeSWITCH's preprocessor would read it as something else");
    }
    Ok(line)
}

/// The printer leaves out what cannot be written; here that is an error.
fn check_names(node: &Node, within: &str) -> Result<(), WriteError> {
    if !node.enabled || &*node.tag == TEXT_TAG {
        return Ok(());
    }
    let label = format!("{within}/{}", node.natural_name().unwrap_or(&node.tag));
    let names = std::iter::once(&node.tag).chain(node.attributes.iter().map(|(name, _)| name));
    for name in names {
        if !is_name(name) || has_preprocessor_mark(name) {
            return Err(WriteError::Name { within: label, name: name.to_string() });
        }
    }
    node.children.iter().try_for_each(|child| check_names(child, &label))
}

fn check_lines(file: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    match bytes.split(|&byte| byte == b'\n').map(<[u8]>::len).find(|&length| length >= LONGEST_LINE) {
        Some(bytes) => Err(WriteError::LineTooLong { file: file.to_owned(), bytes, limit: LONGEST_LINE }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str, value: &str, cmd: &str) -> Result<String, WriteError> {
        variable_line(&Node::new(VARIABLE_TAG).with("name", name).with("value", value).with("cmd", cmd))
    }

    #[test]
    fn variables_are_written_as_they_are_or_not_at_all() {
        let line = variable("a", "x=y $${b} <&'>", "set").unwrap();
        assert_eq!(line, "  <X-PRE-PROCESS cmd=\"set\" data=\"a=x=y $${b} <&'>\"/>\n");
        assert!(variable("a", "stun:x", "stun-set").is_ok() && variable("a", "$HOME", "env-set").is_ok());
        for (name, value, cmd) in [
            ("a", "x\"y", "set"),
            ("a", "x\ny", "set"),
            ("a", " x", "set"),
            ("a ", "x", "set"),
            ("a=b", "x", "set"),
            ("", "x", "set"),
            ("a", "x", "exec"),
            ("a", "HOME", "env-set"),
            ("a", "x/>y", "set"),
            ("a", "<include>", "set"),
            ("a", "<?x", "set"),
        ] {
            let error = variable(name, value, cmd).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the variable {name} cannot be written")), "{error}");
        }
    }

    #[test]
    fn names_that_would_be_commands_are_refused() {
        for node in [Node::new("x-PRE-process"), Node::new("a").with("X-PRE-PROCESS", "1"), Node::new("a b")]
        {
            let document =
                Node::new("document").containing([Node::new("section").with("name", "s").containing([node])]);
            assert!(matches!(Plan::of(&document), Err(WriteError::Name { .. })));
        }
        let document =
            Node::new("document").containing([Node::new("X-NO-PRE-PROCESS").with("cmd", "include")]);
        assert!(Plan::of(&document).is_ok());
    }

    #[test]
    fn a_line_that_freeswitch_would_cut_is_refused() {
        let long = Node::new("param").with("value", "x".repeat(LONGEST_LINE));
        let document = Node::new("document").containing([long]);
        assert!(matches!(Plan::of(&document), Err(WriteError::LineTooLong { .. })));
    }
}
