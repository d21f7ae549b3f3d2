//! Messages about conditions and what is in them.
//!
//! Conditions can hold conditions. These are answered beside the others, under the id of what they stand in, and new
//! ones are made with the id of a condition in the place of an extension's.

use super::kinds::{ACTION, ANTIACTION, CONDITION, EXTENSION, REGEX};
use super::messages::{ITS_CONTEXT, ITS_EXTENSION};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Place, Take, What};

const CONDITIONS: &[Key] = &[Key::Name("dialplan_conditions"), Key::Parent, Key::Next];
const ALL_CONDITIONS: &[Part] =
    &[ITS_CONTEXT, Part { at: CONDITIONS, content: Content::Whole, what: What::Siblings }];

/// All that is not in the request is written as an empty text: that is how it is documented.
const CONDITION_FIELDS: &[Take] = &[
    Take::same("break", Need::Optional),
    Take::same("field", Need::Optional),
    Take::same("expression", Need::Optional),
    Take::same("hour", Need::Optional),
    Take::same("mday", Need::Optional),
    Take::same("mon", Need::Optional),
    Take::same("mweek", Need::Optional),
    Take::same("wday", Need::Optional),
    Take::same("date_time", Need::Optional),
    Take::same("time_of_day", Need::Optional),
    Take::same("year", Need::Optional),
    Take::same("minute", Need::Optional),
    Take::same("week", Need::Optional),
    Take::same("yday", Need::Optional),
    Take::same("minday", Need::Optional),
    Take::same("tz_offset", Need::Optional),
    Take::same("dst", Need::Optional),
    Take::same("regex", Need::Optional),
];

/// The list of a condition that has the subject in it.
macro_rules! list {
    ($list:literal) => {
        &[
            ITS_CONTEXT,
            ITS_EXTENSION,
            Part {
                at: &[Key::Name("dialplan_details"), Key::Parent, Key::Name($list), Key::Next],
                content: Content::Whole,
                what: What::Siblings,
            },
        ]
    };
}

/// One list of the subject, which is a condition.
macro_rules! below {
    ($list:literal, $kind:expr) => {
        Part {
            at: &[Key::Name("dialplan_details"), Key::Id(&CONDITION), Key::Name($list), Key::Next],
            content: Content::Whole,
            what: What::Below($kind),
        }
    };
}

const NEW_ACTION: &[Take] = &[
    Take::same("application", Need::Filled),
    Take::same("data", Need::Optional),
    Take::same("inline", Need::Optional),
];
const ACTION_FIELDS: &[Take] = &[
    Take::same("application", Need::Filled),
    Take::same("data", Need::There),
    Take::same("inline", Need::There),
];
const NEW_ANTIACTION: &[Take] =
    &[Take::same("application", Need::Filled), Take::same("data", Need::Optional)];
const ANTIACTION_FIELDS: &[Take] =
    &[Take::same("application", Need::Filled), Take::same("data", Need::There)];
const NEW_REGEX: &[Take] = &[Take::same("field", Need::Filled), Take::same("expression", Need::Optional)];
const REGEX_FIELDS: &[Take] = &[Take::same("field", Need::Filled), Take::same("expression", Need::There)];

const THE_ACTIONS: &[Part] = list!("actions");
const THE_ANTIACTIONS: &[Part] = list!("antiactions");
const THE_REGEXES: &[Part] = list!("regexes");

pub(super) static MESSAGES: &[Message] = &[
    Message::new(&["[Dialplan][Add] Condition"], &CONDITION, Operation::Add(&[]))
        .answers(ALL_CONDITIONS)
        .missing("extension not found"),
    Message::new(&["[Dialplan][Get] Conditions"], &EXTENSION, Operation::Details)
        .answers(&[
            ITS_CONTEXT,
            Part {
                at: &[Key::Name("dialplan_conditions"), Key::Id(&EXTENSION)],
                content: Content::EmptyList,
                what: What::Subject,
            },
            Part { at: CONDITIONS, content: Content::Whole, what: What::Deep(&CONDITION) },
        ])
        .missing("extension not found"),
    Message::new(&["[Dialplan][Update] Condition"], &CONDITION, Operation::Update(CONDITION_FIELDS))
        .request(Place::Inside("condition"))
        .answers(ALL_CONDITIONS)
        .missing("condition not found"),
    Message::new(&["[Dialplan][Switch] Condition"], &CONDITION, Operation::Switch)
        .request(Place::Inside("condition"))
        .answers(ALL_CONDITIONS)
        .missing("condition not found"),
    Message::new(&["[Dialplan][Move] Condition"], &CONDITION, Operation::Move)
        .answers(ALL_CONDITIONS)
        .missing("condition not found")
        .failed("can't move condition"),
    // The others answer with what is left; this one with what went.
    Message::new(&["[Dialplan][Delete] Condition"], &CONDITION, Operation::Delete)
        .request(Place::Inside("condition"))
        .answers(&[ITS_CONTEXT, Part { at: CONDITIONS, content: Content::Whole, what: What::Subject }])
        .missing("condition not found"),
    Message::new(&["[Dialplan][Get] Extension details"], &CONDITION, Operation::Details)
        .answers(&[
            ITS_CONTEXT,
            ITS_EXTENSION,
            below!("actions", &ACTION),
            below!("antiactions", &ANTIACTION),
            below!("regexes", &REGEX),
        ])
        .missing("condition not found"),
    Message::new(&["[Dialplan][Add] Action"], &ACTION, Operation::Add(NEW_ACTION))
        .request(Place::FieldsInside("action"))
        .answers(THE_ACTIONS)
        .missing("condition not found"),
    Message::new(&["[Dialplan][Update] Action"], &ACTION, Operation::Update(ACTION_FIELDS))
        .request(Place::Inside("action"))
        .answers(THE_ACTIONS)
        .missing("action not found"),
    Message::new(&["[Dialplan][Switch] Action"], &ACTION, Operation::Switch)
        .request(Place::Inside("action"))
        .answers(THE_ACTIONS)
        .missing("action not found"),
    Message::new(&["[Dialplan][Move] Action"], &ACTION, Operation::Move)
        .answers(THE_ACTIONS)
        .missing("action not found")
        .failed("can't move action"),
    Message::new(&["[Dialplan][Delete] Action"], &ACTION, Operation::Delete)
        .request(Place::Inside("action"))
        .answers(THE_ACTIONS)
        .missing("action not found"),
    Message::new(&["[Dialplan][Add] Antiaction"], &ANTIACTION, Operation::Add(NEW_ANTIACTION))
        .request(Place::FieldsInside("antiaction"))
        .answers(THE_ANTIACTIONS)
        .missing("condition not found"),
    Message::new(&["[Dialplan][Update] Antiaction"], &ANTIACTION, Operation::Update(ANTIACTION_FIELDS))
        .request(Place::Inside("antiaction"))
        .answers(THE_ANTIACTIONS)
        .missing("antiAction not found"),
    Message::new(&["[Dialplan][Switch] Antiaction"], &ANTIACTION, Operation::Switch)
        .request(Place::Inside("antiaction"))
        .answers(THE_ANTIACTIONS)
        .missing("antiAction not found"),
    Message::new(&["[Dialplan][Move] Antiaction"], &ANTIACTION, Operation::Move)
        .answers(THE_ANTIACTIONS)
        .missing("antiAction not found")
        .failed("can't move antiAction"),
    Message::new(&["[Dialplan][Delete] Antiaction"], &ANTIACTION, Operation::Delete)
        .request(Place::Inside("antiaction"))
        .answers(THE_ANTIACTIONS)
        .missing("antiAction not found"),
    Message::new(&["[Dialplan][Add] Regex"], &REGEX, Operation::Add(NEW_REGEX))
        .request(Place::FieldsInside("regex"))
        .answers(THE_REGEXES)
        .missing("condition not found"),
    Message::new(&["[Dialplan][Update] Regex"], &REGEX, Operation::Update(REGEX_FIELDS))
        .request(Place::Inside("regex"))
        .answers(THE_REGEXES)
        .missing("regex not found"),
    Message::new(&["[Dialplan][Switch] Regex"], &REGEX, Operation::Switch)
        .request(Place::Inside("regex"))
        .answers(THE_REGEXES)
        .missing("regex not found"),
    Message::new(&["[Dialplan][Delete] Regex"], &REGEX, Operation::Delete)
        .request(Place::Inside("regex"))
        .answers(THE_REGEXES)
        .missing("regex not found"),
];
