//! The objects of the directory.

use crate::declare::kind::{
    Above, Counted, Description, Field, Frame, Idle, Kind, Mention, Names, Type, Which, Within,
};

/// A domain.
pub static DOMAIN: Kind = Kind {
    name: "directory.domain",
    word: "domain",
    above: &[Above::Section("directory")],
    tag: "domain",
    unique: true,
    fields: &[Field::name("name")],
    frame: Frame { description: Description::WhenThere, ..Frame::WHOLE },
    live: &[("sip_regs_counter", Idle::Number)],
    mentions: &[
        Mention {
            within: Within::Document("acl.conf"),
            way: &["network-lists", "list", "node"],
            attribute: "domain",
            goes: false,
        },
        Mention {
            within: Within::Document("sofia.conf"),
            way: &["profiles", "profile", "domains", "domain"],
            attribute: "name",
            goes: false,
        },
    ],
    ..Kind::PLAIN
};

/// A user that stands for itself. In a group it still belongs to the domain.
pub static USER: Kind = Kind {
    name: "directory.user",
    word: "user",
    above: &[Above::Object(&DOMAIN)],
    ways: &[&["users"], &["groups", "group", "users"], &["groups", "group"], &[]],
    tag: "user",
    which: Which::Without("type", "pointer"),
    unique: true,
    fields: &[
        Field::name("name").from_attribute("id"),
        Field::text("cache").from_attribute("cacheable").of(Type::Number),
        Field::text("cidr").of(Type::Networks),
        Field::text("number_alias").from_attribute("number-alias"),
    ],
    counted: Counted::InItsElement,
    live: &[
        ("call_date", Idle::Number),
        ("in_call", Idle::Flag),
        ("talking", Idle::Flag),
        ("last_uuid", Idle::Text),
        ("call_direction", Idle::Text),
        ("sip_register", Idle::Flag),
        ("verto_register", Idle::Flag),
        ("cc_agent", Idle::Nothing),
    ],
    mentions: &[Mention { within: Within::Pointers, way: &[], attribute: "id", goes: true }],
    ..Kind::PLAIN
};

/// A gateway that is served to the profiles which parse the domain.
pub static GATEWAY: Kind = Kind {
    name: "directory.gateway",
    word: "gateway",
    above: &[Above::Object(&USER)],
    ways: &[&["gateways"]],
    tag: "gateway",
    unique: true,
    fields: &[Field::name("name")],
    ..Kind::PLAIN
};

/// A group.
pub static GROUP: Kind = Kind {
    name: "directory.group",
    word: "group",
    above: &[Above::Object(&DOMAIN)],
    ways: &[&["groups"]],
    tag: "group",
    unique: true,
    fields: &[Field::name("name")],
    shelters: Some(&USER),
    ..Kind::PLAIN
};

/// That a user is in a group: a pointer, which names the user.
pub static GROUP_USER: Kind = Kind {
    name: "directory.group_user",
    word: "group user",
    above: &[Above::Object(&GROUP)],
    ways: &[&["users"]],
    tag: "user",
    which: Which::With("type", "pointer"),
    fields: &[Field::name("name").from_attribute("id").hidden(), Field::text("type")],
    names: Some(Names { kind: &USER, member: "user", id_member: "user_id" }),
    ..Kind::PLAIN
};

const NAME_AND_VALUE: &[Field] = &[Field::name("name"), Field::text("value").kept()];

const PARAM: Kind = Kind {
    word: "parameter",
    ways: &[&["params"]],
    tag: "param",
    unique: true,
    fields: NAME_AND_VALUE,
    ..Kind::PLAIN
};

const VARIABLE: Kind = Kind {
    word: "variable",
    ways: &[&["variables"]],
    tag: "variable",
    unique: true,
    fields: NAME_AND_VALUE,
    ..Kind::PLAIN
};

/// A parameter of a domain.
pub static DOMAIN_PARAM: Kind =
    Kind { name: "directory.domain.param", above: &[Above::Object(&DOMAIN)], ..PARAM };
/// A variable of a domain.
pub static DOMAIN_VAR: Kind =
    Kind { name: "directory.domain.var", above: &[Above::Object(&DOMAIN)], ..VARIABLE };
/// A parameter of a user.
pub static USER_PARAM: Kind = Kind { name: "directory.user.param", above: &[Above::Object(&USER)], ..PARAM };
/// A variable of a user.
pub static USER_VAR: Kind = Kind { name: "directory.user.var", above: &[Above::Object(&USER)], ..VARIABLE };
/// A parameter of a gateway; it stands right in it.
pub static GATEWAY_PARAM: Kind =
    Kind { name: "directory.gateway.param", above: &[Above::Object(&GATEWAY)], ways: &[&[]], ..PARAM };
/// A variable of a gateway.
pub static GATEWAY_VAR: Kind = Kind {
    name: "directory.gateway.var",
    above: &[Above::Object(&GATEWAY)],
    fields: &[
        Field::name("name"),
        Field::text("value").kept(),
        Field::text("direction").of(Type::OneOf(&["", "inbound", "outbound"])),
    ],
    ..VARIABLE
};
