//! Global variables as objects.

use serde_json::Value;

use crate::declare::kind::{Above, Field, Frame, Kind, Type};
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
        Field::text("type").from_attribute("cmd").of(Type::OneOf(TYPES)).or("set"),
    ],
    frame: Frame::PLACE,
    derived: &[("dynamic", |node: &Node| Value::Bool(node.attribute("name").is_some_and(is_dynamic)))],
    ..Kind::PLAIN
};
