//! The objects of the dialplan.

use crate::declare::kind::{Above, Field, Frame, Kind, Source, Type};

/// A context.
pub static CONTEXT: Kind = Kind {
    name: "dialplan.context",
    word: "context",
    above: &[Above::Section("dialplan")],
    tag: "context",
    unique: true,
    fields: &[Field::name("name")],
    frame: Frame::BARE,
    ..Kind::PLAIN
};

/// An extension.
pub static EXTENSION: Kind = Kind {
    name: "dialplan.extension",
    word: "extension",
    above: &[Above::Object(&CONTEXT)],
    tag: "extension",
    unique: true,
    fields: &[Field::name("name"), Field::text("continue").of(Type::TrueOrEmpty)],
    frame: Frame::PLACE,
    ..Kind::PLAIN
};

/// A condition, of an extension or of another condition.
pub static CONDITION: Kind = Kind {
    name: "dialplan.condition",
    word: "condition",
    above: &[Above::Object(&EXTENSION), Above::Object(&CONDITION)],
    tag: "condition",
    fields: &[
        Field::text("field"),
        Field::text("expression").from(Source::AttributeOrChild("expression")),
        Field::text("break"),
        Field::text("hour"),
        Field::text("mday"),
        Field::text("mon"),
        Field::text("mweek"),
        Field::text("wday"),
        Field::text("date_time").from_attribute("date-time"),
        Field::text("time_of_day").from_attribute("time-of-day"),
        Field::text("year"),
        Field::text("minute"),
        Field::text("week"),
        Field::text("yday"),
        Field::text("minday").from_attribute("minute-of-day"),
        Field::text("tz_offset").from_attribute("tz-offset"),
        Field::text("dst"),
        Field::text("regex"),
    ],
    frame: Frame::PLACE,
    ..Kind::PLAIN
};

/// A line of a condition whose `regex` is `all`, `any` or `xor`.
pub static REGEX: Kind = Kind {
    name: "dialplan.regex",
    word: "regex",
    above: &[Above::Object(&CONDITION)],
    tag: "regex",
    fields: &[Field::text("field"), Field::text("expression").from(Source::AttributeOrChild("expression"))],
    frame: Frame::BARE,
    ..Kind::PLAIN
};

const APPLICATION: Field = Field::name("application");
/// FreeSWITCH takes the text of an action that has no `data` (mod_dialplan_xml.c).
const DATA: Field = Field::text("data").from(Source::AttributeOrText("data"));

/// What is done when a condition is met.
pub static ACTION: Kind = Kind {
    name: "dialplan.action",
    word: "action",
    above: &[Above::Object(&CONDITION)],
    tag: "action",
    fields: &[APPLICATION, DATA, Field::text("inline").of(Type::Bool)],
    frame: Frame::PLACE,
    ..Kind::PLAIN
};

/// What is done when it is not.
pub static ANTIACTION: Kind = Kind {
    name: "dialplan.antiaction",
    word: "antiAction",
    above: &[Above::Object(&CONDITION)],
    tag: "anti-action",
    fields: &[APPLICATION, DATA],
    frame: Frame::PLACE,
    ..Kind::PLAIN
};
