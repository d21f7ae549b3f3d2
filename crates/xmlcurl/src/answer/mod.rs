//! What FreeSWITCH gets.

mod cacheable;
mod directory;
mod documents;

use std::borrow::Cow;
use std::sync::Arc;

pub use cacheable::{Cacheable, NotCacheable};

use crate::question::Question;
use crate::snapshot::{Document, Instance, Section, Snapshot};

/// FreeSWITCH takes no answer that is longer (`XML_CURL_MAX_BYTES` in mod_xml_curl.c; recorded: "Oversized file
/// detected"), in bytes.
pub const MAX_ANSWER: usize = 1024 * 1024;

/// The `<?` must be on a line of its own: FreeSWITCH's preprocessor drops the line it is on.
const HEAD: &[u8] =
    b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<document type=\"freeswitch/xml\">\n";
const TAIL: &[u8] = b"</section>\n</document>\n";

/// The document that sends FreeSWITCH to its next source, its own files.
pub const NOT_FOUND: &[u8] =
    b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<document type=\"freeswitch/xml\">\n\
    <section name=\"result\"><result status=\"not found\"/></section>\n</document>\n";

/// How questions are answered beside the tree.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How long the switch may keep a user that does not say so itself; without it not at all.
    pub cacheable: Option<Cacheable>,
}

/// The outcome of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A document.
    Found(Vec<u8>),
    /// Not ours to answer: [`NOT_FOUND`].
    NotFound,
    /// There is an answer, but FreeSWITCH would not take it.
    TooLarge {
        /// What was asked for.
        document: String,
    },
}

/// Something about a question that should be known beside its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The switch is in no instance; it was answered from the default one.
    UnknownSwitch {
        /// Its name.
        hostname: String,
    },
    /// A user without password and a1-hash wanted to authenticate. FreeSWITCH would register anybody under this
    /// name, so it got no answer (recorded in FACTS.md).
    NoSecret {
        /// The user.
        user: String,
        /// Its domain.
        domain: String,
    },
}

/// Answers `question`. What is worth telling is given to `tell`.
pub fn answer(
    question: &Question<'_>,
    snapshot: &Snapshot,
    settings: &Settings,
    tell: &mut dyn FnMut(Notice),
) -> Answer {
    let hostname = question.hostname();
    let Some((instance, known)) = snapshot.instance(&hostname) else { return Answer::NotFound };
    if !known {
        tell(Notice::UnknownSwitch { hostname: hostname.into_owned() });
    }
    let asked = Asked { question, instance, settings };
    let section = question.section();
    let answer = if section.eq_ignore_ascii_case("directory") {
        directory::answer(&asked, tell)
    } else {
        documents::answer(&asked, &section)
    };
    match answer {
        Answer::Found(document) if document.len() > MAX_ANSWER => asked.too_large(),
        answer => answer,
    }
}

/// The document of a section that a question about its whole selects: for a call its context.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'s> {
    /// The instance that answers.
    pub instance: &'s Instance,
    /// Its section.
    pub section: &'s Section,
    /// The document.
    pub document: &'s Arc<Document>,
}

impl<'s> Selected<'s> {
    /// What [`answer`] would answer with, if the question is about a document that its own fields select.
    pub fn of(question: &Question<'_>, snapshot: &'s Snapshot) -> Option<Self> {
        let (instance, _) = snapshot.instance(&question.hostname())?;
        let name = question.section();
        let section = instance.sections.get(&name.to_ascii_lowercase())?;
        let asked = Asked { question, instance, settings: &Settings::default() };
        if asked.element().is_some() {
            return None;
        }
        let document = documents::selected(&asked, section, &name)??;
        Some(Self { instance, section, document })
    }

    /// An answer with this element in the place of the document; none where FreeSWITCH would not take it.
    pub fn instead(&self, element: &str) -> Option<Vec<u8>> {
        let answer =
            document(&self.section.open, element.len(), |out| out.extend_from_slice(element.as_bytes()));
        (answer.len() <= MAX_ANSWER).then_some(answer)
    }
}

/// A question with what is needed to answer it.
struct Asked<'a> {
    question: &'a Question<'a>,
    instance: &'a Instance,
    settings: &'a Settings,
}

impl<'a> Asked<'a> {
    /// The question's own element: its tag, the attribute that is compared, and the value.
    fn element(&self) -> Option<(Cow<'a, str>, Cow<'a, str>, Cow<'a, str>)> {
        let text = |name| self.question.text(name);
        Some((text("tag_name")?, text("key_name")?, text("key_value")?))
    }

    fn too_large(&self) -> Answer {
        Answer::TooLarge { document: self.question.describe() }
    }
}

/// A document with one section; `content` is what is in it.
fn document(open: &[u8], room: usize, content: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD.len() + open.len() + room + TAIL.len());
    out.extend_from_slice(HEAD);
    out.extend_from_slice(open);
    content(&mut out);
    out.extend_from_slice(TAIL);
    out
}
