//! Messages about contexts and extensions.

use super::kinds::{CONTEXT, EXTENSION};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Take, What};

/// The id of the context that something is in.
pub(super) const ITS_CONTEXT: Part =
    Part { at: &[Key::Name("id")], content: Content::Id(&CONTEXT), what: What::Subject };
/// The id of the extension that something is in.
pub(super) const ITS_EXTENSION: Part =
    Part { at: &[Key::Name("affected_id")], content: Content::Id(&EXTENSION), what: What::Subject };

const NAME: &[Take] = &[Take::same("name", Need::Filled)];
const THE_CONTEXT: &[Part] =
    &[Part { at: &[Key::Name("dialplan_contexts"), Key::Own], content: Content::Whole, what: What::Subject }];
const EXTENSIONS: &[Part] = &[
    ITS_CONTEXT,
    Part {
        at: &[Key::Name("dialplan_extensions"), Key::Next],
        content: Content::Whole,
        what: What::Siblings,
    },
];

pub(super) static MESSAGES: &[Message] = &[
    Message::new(&["[Dialplan][Get] Contexts"], &CONTEXT, Operation::List)
        .answers(&[Part {
            at: &[Key::Name("dialplan_contexts"), Key::Own],
            content: Content::Whole,
            what: What::All(&CONTEXT),
        }])
        .telling_absence(),
    Message::new(&["[Dialplan][Add] Context"], &CONTEXT, Operation::Add(NAME))
        .answers(THE_CONTEXT)
        .taken("context name already exists"),
    Message::new(&["[Dialplan][Rename] Context"], &CONTEXT, Operation::Update(NAME))
        .answers(THE_CONTEXT)
        .missing("context not found")
        .taken("domain name already exists"),
    Message::new(&["[Dialplan][Add] Extension"], &EXTENSION, Operation::Add(NAME))
        .answers(EXTENSIONS)
        .missing("context not found")
        .taken("extensions name already exists"),
    Message::new(&["[Dialplan][Get] Extensions"], &CONTEXT, Operation::Details)
        .answers(&[
            ITS_CONTEXT,
            Part {
                at: &[Key::Name("dialplan_extensions"), Key::Next],
                content: Content::Whole,
                what: What::Below(&EXTENSION),
            },
        ])
        .missing("context not found"),
    Message::new(&["[Dialplan][Rename] Extension"], &EXTENSION, Operation::Update(NAME))
        .answers(EXTENSIONS)
        .missing("extension not found")
        .taken("domain name already exists"),
    Message::new(
        &["[Dialplan][Switch] Extension Continue"],
        &EXTENSION,
        Operation::Update(&[Take { from: "value", to: "continue", need: Need::There }]),
    )
    .answers(EXTENSIONS)
    .missing("extension not found")
    .empty("wrong value")
    .wrong("wrong value"),
    Message::new(&["[Dialplan][Move] Extension"], &EXTENSION, Operation::Move)
        .answers(EXTENSIONS)
        .missing("extension not found")
        .failed("can't move extension"),
    Message::new(&["[Dialplan][Delete] Extension"], &EXTENSION, Operation::Delete)
        .answers(&[
            ITS_CONTEXT,
            Part { at: &[Key::Name("affected_id")], content: Content::Value("id"), what: What::Subject },
        ])
        .missing("extension not found"),
    Message::new(&["[Dialplan][Delete] Context"], &CONTEXT, Operation::Delete)
        .answers(&[Part { at: &[Key::Name("id")], content: Content::Value("id"), what: What::Subject }])
        .missing("context not found"),
];
