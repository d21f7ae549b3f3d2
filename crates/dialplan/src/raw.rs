//! An answer as text, read as the switch reads it: its preprocessor first, line by line, then its XML parser.

use custompbx_model::Node;
use custompbx_model::variables::next_variable;
use custompbx_model::xml::{Limits, XmlError, parse_with_blanks};

use crate::globals::{Global, Globals, harmless};
use crate::value::Value;

/// What an answer holds.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The elements `<context>`, in order, for [`crate::Context::of_answer`].
    pub contexts: Vec<Node>,
    /// The global variables after it: an answer can set some.
    pub globals: Globals,
}

/// Why an answer cannot be read here as the switch reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// A global variable that only the switch knows.
    #[error("the global variable {0} is known to the switch only")]
    Global(String),
    /// A command of the preprocessor that reads files or asks others.
    #[error("the command {0} of the preprocessor is carried out by the switch only")]
    Command(String),
    /// No XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The variables make it far longer than it is.
    #[error("with its variables the answer is longer than {MOST_BYTES} bytes")]
    TooLong,
}

/// An answer may be so long with its variables.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Reads an answer: a whole document, or what stands in its section `dialplan`.
///
/// # Errors
/// What only the switch can do, and what is no XML.
pub fn read(text: &str, globals: &Globals) -> Result<Answer, BadAnswer> {
    let mut preprocessor =
        Preprocessor { globals: globals.clone(), out: String::with_capacity(text.len()), in_command: false };
    for line in text.split_inclusive('\n') {
        preprocessor.line(line)?;
        if preprocessor.out.len() > MOST_BYTES {
            return Err(BadAnswer::TooLong);
        }
    }
    // The parser makes one line end of two characters, in attributes too.
    let text = preprocessor.out.replace("\r\n", "\n");
    let mut contexts = Vec::new();
    for root in parse_with_blanks(&text, &Limits::default())?.roots {
        collect(root, &mut contexts);
    }
    Ok(Answer { contexts, globals: preprocessor.globals })
}

/// The contexts of a document, of a section, or of what is one itself.
fn collect(node: Node, contexts: &mut Vec<Node>) {
    match &*node.tag {
        "context" => contexts.push(node),
        "document" => {
            let is_dialplan =
                |child: &Node| &*child.tag == "section" && child.attribute("name") == Some("dialplan");
            let section = node.children.into_iter().find(is_dialplan);
            section.into_iter().for_each(|section| collect(section, contexts));
        }
        "section" => node.children.into_iter().for_each(|child| collect(child, contexts)),
        _ => {}
    }
}

/// Rule 1 (`preprocess` in `switch_xml.c`).
struct Preprocessor {
    globals: Globals,
    out: String,
    /// In a command of the form `<!--#...` that did not end on its line.
    in_command: bool,
}

impl Preprocessor {
    fn line(&mut self, line: &str) -> Result<(), BadAnswer> {
        let (expanded, looked_at) = self.expand(line)?;
        if ["<include>", "</include>", "<?"].iter().any(|mark| looked_at.contains(mark)) {
            return Ok(());
        }
        let mut line = &*expanded;
        if self.in_command {
            let Some(end) = looked_at.find("-->") else { return Ok(()) };
            self.in_command = false;
            line = &looked_at[end + 3..];
        }
        if let Some(at) = find_ignoring_case(line, "x-pre-process") {
            // The whole line goes, whatever else is on it.
            if !line[..at].ends_with('<') {
                return Ok(());
            }
            let command = line[at..].split("/>").next().unwrap_or_default();
            return match command_of(command) {
                Some((name, data)) => self.carry_out(name, data),
                None => Ok(()),
            };
        }
        let Some(at) = line.find("<!--#") else {
            self.out.push_str(line);
            return Ok(());
        };
        self.out.push_str(&line[..at]);
        let command = &line[at + 5..];
        let command = match command.split_once("-->") {
            Some((command, behind)) => {
                self.out.push_str(behind);
                command
            }
            None => {
                self.in_command = true;
                command.trim_end_matches(['\r', '\n'])
            }
        };
        let Some((name, data)) = command.split_once(' ') else { return Ok(()) };
        let quoted = data.split_once('"').map(|(_, rest)| rest.split('"').next().unwrap_or_default());
        // This form knows one command fewer.
        if name.eq_ignore_ascii_case("env-set") {
            Ok(())
        } else {
            self.carry_out(name, quoted.unwrap_or(data))
        }
    }

    /// The line with its variables, and that part of it in which the switch still finds marks: it cuts the line at the
    /// first variable.
    fn expand<'l>(&self, line: &'l str) -> Result<(String, &'l str), BadAnswer> {
        let mut out = String::with_capacity(line.len());
        let (mut rest, mut looked_at) = (line, line);
        while let Some((before, name, behind)) = next_variable(rest) {
            if looked_at.len() == line.len() {
                looked_at = &line[..line.len() - behind.len() - 1];
            }
            out.push_str(before);
            match self.globals.get(name.as_bytes()) {
                Global::Is(value) => out.push_str(&value.to_string()),
                Global::Nowhere => {}
                Global::OfSwitch => return Err(BadAnswer::Global(name.to_owned())),
            }
            if self.out.len() + out.len() > MOST_BYTES {
                return Err(BadAnswer::TooLong);
            }
            rest = behind;
        }
        out.push_str(rest);
        Ok((out, looked_at))
    }

    fn carry_out(&mut self, name: &str, data: &str) -> Result<(), BadAnswer> {
        match name.to_ascii_lowercase().as_str() {
            "set" => {
                if let Some((name, value)) = data.split_once('=') {
                    let value = harmless(value.trim_start_matches(' ').as_bytes());
                    self.globals.set(name.trim_end_matches(' '), Value::from(value));
                }
                Ok(())
            }
            "env-set" | "stun-set" | "exec-set" | "exec" | "include" => {
                Err(BadAnswer::Command(name.to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// The values of `cmd` and `data`; they are found wherever they stand.
fn command_of(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = quoted_behind(text, "cmd")?;
    let (data, _) = quoted_behind(rest, "data")?;
    Some((name, data))
}

fn quoted_behind<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let rest = &text[find_ignoring_case(text, word)?..];
    let rest = &rest[rest.find('=')?..];
    let value = &rest[rest.find('"')? + 1..];
    Some(value.split_once('"').unwrap_or((value, "")))
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globals() -> Globals {
        let mut globals = Globals::exactly([("a", "1"), ("field", "rdnis")]);
        globals.only_switch_knows("ip");
        globals
    }

    fn attribute(text: &str, name: &str) -> String {
        let answer = read(text, &globals()).unwrap();
        answer.contexts[0].attribute(name).unwrap().to_owned()
    }

    #[test]
    fn rule_01_the_preprocessor() {
        assert_eq!(attribute("<context name=\"$${a}-$${nosuch}-$${open\"/>", "name"), "1--$${open");
        let set = "<context name=\"c\">\n lost <X-PRE-PROCESS cmd=\"set\" data=\"b = ${x}y\"/> lost too\n<x/></context>";
        let answer = read(set, &globals()).unwrap();
        assert_eq!(answer.globals.get(b"b"), Global::Is(&"%{x}y".into()));
        assert!(answer.contexts[0].text.is_none() && answer.contexts[0].child("x").is_some());
        assert_eq!(attribute("<!--#set \"b=2\"-->\n<context name=\"$${b}\"/>", "name"), "2");
        let document = "<?xml version=\"1.0\"?>\n<document><section name=\"dialplan\"><context name=\"c\"/><context/></section></document>";
        assert_eq!(read(document, &globals()).unwrap().contexts.len(), 2);
        assert_eq!(
            read("<context name=\"$${ip}\"/>", &globals()).err(),
            Some(BadAnswer::Global("ip".into()))
        );
        let exec = "<X-PRE-PROCESS cmd=\"exec\" data=\"x\"/>";
        assert_eq!(read(exec, &globals()).err(), Some(BadAnswer::Command("exec".into())));
    }

    #[test]
    fn rule_09_white_space_counts() {
        let answer = read("<context><a v=\"x\r\ny\"> </a></context>", &globals()).unwrap();
        let node = answer.contexts[0].child("a").unwrap();
        assert_eq!((node.text.as_deref(), node.attribute("v")), (Some(" "), Some("x y")));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "[<>/!#a-d $={}\"\n?-]{0,80}") {
            let _ = read(&text, &globals());
            let _ = read(&format!("<context>{text}<X-PRE-PROCESS {text}"), &globals());
        }
    }
}
