//! Helpers: a tree, a question, an answer.

use custompbx_model::xml::{self, Limits};
use custompbx_model::{Node, NodeId};
use custompbx_xmlcurl::{Answer, Notice, Question, Settings, Snapshot, answer};

/// Parses a document and numbers its nodes as a store would.
pub(crate) fn tree(text: &str) -> Node {
    let mut node = xml::parse(text, &Limits::default()).unwrap().roots.remove(0);
    number(&mut node, &mut 1);
    node
}

pub(crate) fn number(node: &mut Node, next: &mut i64) {
    node.id = NodeId(*next);
    *next += 1;
    node.children.iter_mut().for_each(|child| number(child, next));
}

/// The answer to a form, and what was told beside it.
pub(crate) fn ask_with(snapshot: &Snapshot, settings: &Settings, form: &str) -> (Answer, Vec<Notice>) {
    let mut notices = Vec::new();
    let question = Question::parse(form.as_bytes()).unwrap();
    let answer = answer(&question, snapshot, settings, &mut |notice| notices.push(notice));
    (answer, notices)
}

/// The answer as a tree; `None` for not found.
pub(crate) fn ask(snapshot: &Snapshot, form: &str) -> Option<Node> {
    match ask_with(snapshot, &Settings::default(), form).0 {
        Answer::Found(bytes) => Some(document(&bytes)),
        Answer::NotFound => None,
        Answer::TooLarge { document } => panic!("too large: {document}"),
    }
}

/// The text of an answer without its frame.
pub(crate) fn text(snapshot: &Snapshot, form: &str) -> String {
    match ask_with(snapshot, &Settings::default(), form).0 {
        Answer::Found(bytes) => inner(&String::from_utf8(bytes).unwrap()),
        other => format!("{other:?}"),
    }
}

pub(crate) fn inner(text: &str) -> String {
    let start = text.find("<section").unwrap();
    let end = text.rfind("</section>").unwrap();
    text[start..end].to_owned()
}

/// Reads an answer the way FreeSWITCH does: line by line, dropping lines that its preprocessor takes for its own,
/// and looking at the one document that is left.
pub(crate) fn document(bytes: &[u8]) -> Node {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut kept = String::new();
    for line in text.lines() {
        let lower = line.to_lowercase();
        if lower.contains("<include>") || lower.contains("</include>") || line.contains("<?") {
            continue;
        }
        assert!(!lower.contains("x-pre-process"), "FreeSWITCH would take this line for a command: {line}");
        assert!(!line.contains("<!--#"), "{line}");
        kept.push_str(line);
        kept.push('\n');
    }
    let mut roots = xml::parse(&kept, &Limits::default()).unwrap().roots;
    assert_eq!(roots.len(), 1);
    roots.remove(0)
}
