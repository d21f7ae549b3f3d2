//! Global variables as objects.

use serde_json::Value;

use crate::declare::kind::{Above, Field, Frame, Kind, Type};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Place, Take, What};
use crate::node::Node;
use crate::variables::VARIABLE_TAG;

/// What a variable's value stands for.
pub const TYPES: &[&str] = &["set", "exec-set", "env-set", "stun-set"];

/// What FreeSWITCH sets itself; its own value is not one of ours.
pub const DYNAMIC: &[&str] = &[
    "base_dir",
    "cache_dir",
    "certs_dir",
    "conf_dir",
    "core_uuid",
    "db_dir",
    "grammar_dir",
    "hostname",
    "htdocs_dir",
    "local_ip_v4",
    "local_ip_v6",
    "local_mask_v4",
    "log_dir",
    "mod_dir",
    "nat_private_addr",
    "nat_public_addr",
    "nat_type",
    "recordings_dir",
    "run_dir",
    "script_dir",
    "sound_prefix",
    "sounds_dir",
    "storage_dir",
    "switch_serial",
    "temp_dir",
    "zrtp_enabled",
];

/// Whether FreeSWITCH sets a variable of this name itself.
pub fn is_dynamic(name: &str) -> bool {
    DYNAMIC.iter().any(|dynamic| dynamic.eq_ignore_ascii_case(name))
}

fn is_set_by_the_switch(node: &Node) -> bool {
    node.attribute("name").is_some_and(is_dynamic)
}

/// A global variable.
pub static VARIABLE: Kind = Kind {
    name: "global_variable",
    word: "variable",
    above: &[Above::Variables],
    tag: VARIABLE_TAG,
    unique: true,
    fields: &[
        Field::name("name"),
        Field::text("value").kept(),
        Field::text("type").from_attribute("cmd").of(Type::OneOf(TYPES)).or("set").kept(),
    ],
    frame: Frame::PLACE,
    derived: &[("dynamic", |node| Value::Bool(is_set_by_the_switch(node)))],
    fixed: Some(is_set_by_the_switch),
    ..Kind::PLAIN
};

/// Variables by their ids.
const VARIABLES: &[Key] = &[Key::Name("global_variables"), Key::Own];
const THE_VARIABLE: &[Part] = &[Part { at: VARIABLES, content: Content::Whole, what: What::Subject }];
const IN_OBJECT: Place = Place::Inside("variable");

pub(super) static MESSAGES: &[Message] = &[
    Message::new(
        &["AddGlobalVariable"],
        &VARIABLE,
        Operation::Add(&[
            Take::same("name", Need::Filled),
            Take::same("value", Need::Optional),
            Take::same("type", Need::Optional),
        ]),
    )
    .request(Place::FieldsInside("variable"))
    .answers(THE_VARIABLE)
    .fixed("Dynamic variable name")
    .taken("variable name already exists"),
    Message::new(&["GetGlobalVariables"], &VARIABLE, Operation::List).answers(&[Part {
        at: VARIABLES,
        content: Content::Whole,
        what: What::All(&VARIABLE),
    }]),
    Message::new(
        &["UpdateGlobalVariable"],
        &VARIABLE,
        Operation::Update(&[
            Take::same("name", Need::Filled),
            Take::same("value", Need::Filled),
            Take::same("type", Need::Filled),
        ]),
    )
    .request(IN_OBJECT)
    .answers(THE_VARIABLE)
    .wrong_id("empty data")
    .fixed("Dynamic variable name")
    .missing("variable not found")
    .taken("can't add"),
    // The word is the documented one.
    Message::new(&["SwitchGlobalVariable"], &VARIABLE, Operation::Switch)
        .request(IN_OBJECT)
        .answers(THE_VARIABLE)
        .wrong_id("empty data")
        .fixed("Dynamic variable name")
        .missing("variableeter not found")
        .failed("can't change"),
    Message::new(&["MoveGlobalVariable"], &VARIABLE, Operation::Move)
        .answers(&[Part { at: VARIABLES, content: Content::Whole, what: What::Siblings }])
        .missing("variable not found")
        .failed("can't move action"),
    Message::new(&["DelGlobalVariable"], &VARIABLE, Operation::Delete)
        .request(IN_OBJECT)
        .answers(&[Part { at: &[Key::Name("id")], content: Content::Value("id"), what: What::Subject }])
        .wrong_id("empty data")
        .fixed("Dynamic variable name")
        .missing("variableeter not found"),
];
