//! Messages about users of the directory.

use super::kinds::{DOMAIN, USER, USER_PARAM, USER_VAR};
use super::messages::{DATA, DATA_DOMAINS, DOMAINS, GONE, ID, ITEM, ITS_DOMAIN, LINE, NAME, NEW_LINE, SHOWN};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Take, What};

/// What the documentation shows of a user.
pub const USER_SHOWN: Content = Content::Members(&[
    "id",
    "enabled",
    "name",
    "cache",
    "cidr",
    "call_date",
    "in_call",
    "talking",
    "last_uuid",
    "call_direction",
    "sip_register",
    "verto_register",
    "cc_agent",
]);
/// Users by the ids of their domains.
pub(super) const DIRECTORY_USERS: &[Key] = &[Key::Name("directory_users"), Key::Id(&DOMAIN), Key::Own];

const PARAMETERS: &[Key] = &[Key::Name("user_details"), Key::Id(&USER), Key::Name("parameters"), Key::Own];
const VARIABLES: &[Key] = &[Key::Name("user_details"), Key::Id(&USER), Key::Name("variables"), Key::Own];
const ITS_USER: Part = Part {
    at: &[Key::Name("user_details"), Key::Id(&USER)],
    content: Content::Members(&["cache", "cidr"]),
    what: What::Owner(&USER),
};
const THE_PARAMETER: &[Part] = &[Part { at: PARAMETERS, content: SHOWN, what: What::Subject }, ITS_USER];
const THE_VARIABLE: &[Part] = &[Part { at: VARIABLES, content: SHOWN, what: What::Subject }, ITS_USER];

/// A field of its own that comes as `value`.
const fn value(to: &'static str) -> Take {
    Take { from: "value", to, need: Need::There }
}

pub(super) static MESSAGES: &[Message] = &[
    Message::new(&["AddDirectoryUser", "[Users] Add_new_user"], &USER, Operation::AddUsers)
        .answers(&[Part { at: &[Key::Name("data"), Key::Own], content: Content::Whole, what: What::Subject }])
        .documented(&[Part { at: DIRECTORY_USERS, content: USER_SHOWN, what: What::Subject }])
        .missing("domain not found")
        .taken("user not added")
        .failed("user not added"),
    Message::new(&["GetDirectoryUsers", "[Users] Get_users"], &USER, Operation::List)
        .answers(&[
            DATA_DOMAINS,
            Part {
                at: &[Key::Name("data"), Key::Name("directory_users"), Key::Own],
                content: Content::Whole,
                what: What::All(&USER),
            },
        ])
        .documented(&[DOMAINS, Part { at: DIRECTORY_USERS, content: USER_SHOWN, what: What::All(&USER) }]),
    Message::new(&["UpdateDirectoryUserName", "[Users] Update_user_name"], &USER, Operation::Update(NAME))
        .answers(DATA)
        .documented(&[ITEM, ITS_DOMAIN])
        .missing("user not found"),
    Message::new(
        &["UpdateDirectoryUserCache", "[Users] Update_user_cache"],
        &USER,
        Operation::Update(&[value("cache")]),
    )
    .answers(DATA)
    .documented(&[Part {
        at: &[Key::Name("item")],
        content: Content::IdAndValue("cache"),
        what: What::Subject,
    }]),
    Message::new(
        &["UpdateDirectoryUserCidr", "[Users] Update_user_cidr"],
        &USER,
        Operation::Update(&[value("cidr")]),
    )
    .answers(DATA)
    .documented(&[Part {
        at: &[Key::Name("item")],
        content: Content::IdAndValue("cidr"),
        what: What::Subject,
    }]),
    Message::new(
        &["UpdateDirectoryUserNumberAlias", "[Users] Update_user_number_alias"],
        &USER,
        Operation::Update(&[value("number_alias")]),
    )
    .answers(DATA)
    .documented(&[Part {
        at: &[Key::Name("item")],
        content: Content::IdAndValue("number_alias"),
        what: What::Subject,
    }]),
    Message::new(&["SwitchDirectoryUser"], &USER, Operation::Switch).answers(DATA),
    Message::new(
        &["AddDirectoryUserParameter", "[Users] Add_user_param"],
        &USER_PARAM,
        Operation::Add(NEW_LINE),
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("user not found"),
    Message::new(&["AddDirectoryUserVariable", "[Users] Add_user_var"], &USER_VAR, Operation::Add(NEW_LINE))
        .answers(DATA)
        .documented(THE_VARIABLE)
        .missing("user not found"),
    Message::new(
        &["UpdateDirectoryUserParameter", "[Users] Update_user_param"],
        &USER_PARAM,
        Operation::Update(LINE),
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("parameter not found"),
    Message::new(
        &["SwitchDirectoryUserParameter", "[Users][Switch] User parameter"],
        &USER_PARAM,
        Operation::Switch,
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("parameter not found")
    .failed("can't change"),
    Message::new(
        &["UpdateDirectoryUserVariable", "[Users] Update_user_var"],
        &USER_VAR,
        Operation::Update(LINE),
    )
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("parameter not found"),
    Message::new(
        &["SwitchDirectoryUserVariable", "[Users][Switch] User variable"],
        &USER_VAR,
        Operation::Switch,
    )
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found")
    .failed("can't change"),
    Message::new(&["GetDirectoryUserDetails", "[Users] Get_user_details"], &USER, Operation::Details)
        .answers(&[
            Part {
                at: &[Key::Name("data"), Key::Name("parameters"), Key::Own],
                content: Content::Whole,
                what: What::Below(&USER_PARAM),
            },
            Part {
                at: &[Key::Name("data"), Key::Name("variables"), Key::Own],
                content: Content::Whole,
                what: What::Below(&USER_VAR),
            },
            Part {
                at: &[Key::Name("data"), Key::Name("user")],
                content: Content::Whole,
                what: What::Subject,
            },
        ])
        .documented(&[
            Part { at: PARAMETERS, content: SHOWN, what: What::Below(&USER_PARAM) },
            Part { at: VARIABLES, content: SHOWN, what: What::Below(&USER_VAR) },
            Part {
                at: &[Key::Name("user_details"), Key::Own],
                content: Content::Members(&["cache", "cidr", "number_alias"]),
                what: What::Subject,
            },
        ])
        .missing("user not found"),
    Message::new(&["DeleteDirectoryUserParameter", "[Users] Del_user_param"], &USER_PARAM, Operation::Delete)
        .answers(DATA)
        .documented(ID)
        .missing("parameter not found")
        .failed("can't change"),
    Message::new(&["DeleteDirectoryUserVariable", "[Users] Del_user_var"], &USER_VAR, Operation::Delete)
        .answers(DATA)
        .documented(ID)
        .missing("variable not found")
        .failed("can't change"),
    Message::new(&["DeleteDirectoryUser", "[Users] Del_user"], &USER, Operation::Delete)
        .answers(DATA)
        .documented(&[GONE, ITS_DOMAIN])
        .missing("user not found")
        .failed("can't delete user"),
];
