//! Reads an answer as FreeSWITCH does.
//!
//! Its preprocessor (`preprocess` in `switch_xml.c`) goes through an answer line by line before the parser sees it:
//! variables `$${}` are replaced, and lines that it takes for its own are carried out or dropped.

use std::collections::HashMap;

use custompbx_model::Node;
use custompbx_model::xml::{Limits, parse as parse_xml};

use crate::recorded;

/// A switch's global variables.
#[derive(Clone, Debug, Default)]
pub struct Globals(HashMap<String, String>);

impl Globals {
    /// Those of the switch of the recordings, with the values that vanilla gives them.
    pub fn recorded() -> Self {
        let mut globals = Self::default();
        for line in recorded::api_answer("api/global_getvar-all").lines() {
            if let Some((name, value)) = line.split_once('=') {
                globals.set(name, value);
            }
        }
        globals
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Gives one; what is not set is empty.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Replaces `$${name}`, as often as it takes; what is not set becomes nothing.
    pub fn expand(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for _ in 0..20 {
            let Some(start) = out.find("$${") else { break };
            let Some(length) = out[start..].find('}') else { break };
            let value = self.get(&out[start + 3..start + length]).to_owned();
            out.replace_range(start..=start + length, &value);
        }
        out
    }
}

/// What FreeSWITCH makes of an answer.
#[derive(Debug)]
pub struct Taken {
    /// The document.
    pub document: Node,
    /// The lines that were carried out as commands.
    pub commands: Vec<String>,
}

/// Takes an answer: `None` where FreeSWITCH would report an error in it.
pub fn take(answer: &[u8], globals: &mut Globals) -> Option<Taken> {
    let text = std::str::from_utf8(answer).ok()?;
    let mut kept = String::with_capacity(text.len());
    let mut commands = Vec::new();
    for line in text.lines() {
        let line = expand_line(line, globals);
        let lower = line.to_lowercase();
        if lower.contains("<include>") || lower.contains("</include>") || line.contains("<?") {
            continue;
        }
        if lower.contains("<x-pre-process") || line.contains("<!--#") {
            carry_out(&line, globals);
            commands.push(line);
            continue;
        }
        kept.push_str(&line);
        kept.push('\n');
    }
    let mut roots = parse_xml(&kept, &Limits::default()).ok()?.roots;
    (roots.len() == 1).then(|| Taken { document: roots.remove(0), commands })
}

/// A variable can hold another one, so a line is expanded until nothing changes.
fn expand_line(line: &str, globals: &Globals) -> String {
    let mut line = line.to_owned();
    while line.contains("$${") {
        let expanded = globals.expand(&line);
        if expanded == line {
            break;
        }
        line = expanded;
    }
    line
}

fn carry_out(line: &str, globals: &mut Globals) {
    let attribute = |name: &str| {
        let from = line.find(&format!("{name}=\""))? + name.len() + 2;
        Some(&line[from..from + line[from..].find('"')?])
    };
    if let (Some("set"), Some(data)) = (attribute("cmd"), attribute("data"))
        && let Some((name, value)) = data.split_once('=')
    {
        globals.set(name, value);
    }
}

/// Reads an answer of ours, which must hold no command, with the global variables of the switch of the recordings.
pub fn parse(answer: &[u8]) -> Node {
    parse_with(answer, &Globals::recorded())
}

/// [`parse`] with other global variables.
pub fn parse_with(answer: &[u8], globals: &Globals) -> Node {
    let taken = take(answer, &mut globals.clone());
    let taken = taken.unwrap_or_else(|| {
        panic!("FreeSWITCH would not take this answer: {}", String::from_utf8_lossy(answer))
    });
    assert!(taken.commands.is_empty(), "FreeSWITCH would carry this out: {:?}", taken.commands);
    taken.document
}

/// The section of an answer; `None` for "not found".
pub fn section(document: &Node) -> Option<&Node> {
    assert_eq!(&*document.tag, "document");
    assert_eq!(document.attribute("type"), Some("freeswitch/xml"));
    let [section] = &document.children[..] else { panic!("an answer has one section: {document:?}") };
    if section.attribute("name") == Some("result") {
        let result = section.child("result").expect("a result section has a result");
        assert_eq!(result.attribute("status"), Some("not found"));
        return None;
    }
    Some(section)
}

/// A part of what FreeSWITCH itself printed, read; `None` where it found nothing.
pub fn printed(text: &str) -> Option<Node> {
    if text.starts_with("can't find anything") {
        return None;
    }
    let mut roots = parse_xml(text, &Limits::default()).expect("FreeSWITCH prints XML").roots;
    assert_eq!(roots.len(), 1, "FreeSWITCH prints one element");
    Some(roots.remove(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_expanded_dropped_and_carried_out() {
        let mut globals = Globals::default();
        globals.set("a", "$${b}");
        globals.set("b", "c");
        let answer = b"<?xml?>\n<x v='$${a}$${none}'>\n<X-PRE-PROCESS cmd=\"set\" data=\"d=e\"/>\n<y v='$${d}'/></x>\n";
        let taken = take(answer, &mut globals).unwrap();
        assert_eq!(taken.document.attribute("v"), Some("c"));
        assert_eq!(taken.document.children[0].attribute("v"), Some("e"));
        assert_eq!(taken.commands.len(), 1);
        assert!(take(b"<x>", &mut globals).is_none());
    }
}
