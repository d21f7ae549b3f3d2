//! Messages about groups, and who is in them.

use super::kinds::{DOMAIN, GROUP, GROUP_USER, USER};
use super::messages::{DATA, DATA_DOMAINS, DOMAINS, GONE, ITEM, ITS_DOMAIN, NAME};
use crate::declare::message::{Content, Key, Message, Operation, Part, What};

const ITS_GROUP: Part = Part { at: &[Key::Name("id")], content: Content::Id(&GROUP), what: What::Subject };
/// Members by the ids of their groups.
const GROUP_USERS: &[Key] = &[Key::Name("group_users"), Key::Id(&GROUP), Key::Own];
const MEMBER_SHOWN: Content = Content::Members(&["id", "enabled", "user_id", "name", "type"]);

pub(super) static MESSAGES: &[Message] = &[
    Message::new(&["AddNewDirectoryGroup", "[Groups] Add_new_group"], &GROUP, Operation::Add(NAME))
        .answers(DATA)
        .documented(&[
            Part {
                at: &[Key::Name("items"), Key::Own],
                content: Content::Value("name"),
                what: What::Subject,
            },
            ITS_DOMAIN,
        ])
        .missing("domain not found"),
    Message::new(&["GetDirectoryGroups", "[Groups] Get_groups"], &GROUP, Operation::List)
        .answers(&[
            DATA_DOMAINS,
            Part {
                at: &[Key::Name("data"), Key::Name("list"), Key::Own],
                content: Content::Whole,
                what: What::All(&GROUP),
            },
        ])
        .documented(&[
            DOMAINS,
            Part {
                at: &[Key::Name("list"), Key::Id(&DOMAIN), Key::Own],
                content: Content::Value("name"),
                what: What::All(&GROUP),
            },
        ]),
    Message::new(
        &["UpdateDirectoryGroupName", "[Groups] Update_group_name"],
        &GROUP,
        Operation::Update(NAME),
    )
    .answers(DATA)
    .documented(&[ITEM, ITS_DOMAIN])
    .missing("group not found"),
    Message::new(&["AddDirectoryGroupUser", "[Groups] Add_group_user"], &GROUP_USER, Operation::AddGroupUser)
        .answers(DATA)
        .documented(&[Part { at: GROUP_USERS, content: MEMBER_SHOWN, what: What::Subject }, ITS_GROUP])
        .wrong_id("wrong group id")
        .missing("group not found")
        .taken("user is already in the group"),
    Message::new(&["GetDirectoryGroupUsers", "[Groups] Get_group_users"], &GROUP, Operation::Details)
        .answers(&[
            Part {
                at: &[Key::Name("data"), Key::Name("group_users"), Key::Own],
                content: Content::Whole,
                what: What::Below(&GROUP_USER),
            },
            Part {
                at: &[Key::Name("data"), Key::Name("users"), Key::Own],
                content: Content::Whole,
                what: What::Beside(&USER),
            },
        ])
        .documented(&[
            Part { at: GROUP_USERS, content: MEMBER_SHOWN, what: What::Below(&GROUP_USER) },
            Part {
                at: &[Key::Name("list"), Key::Id(&DOMAIN), Key::Own],
                content: Content::Value("name"),
                what: What::Beside(&USER),
            },
        ])
        .missing("group not found"),
    Message::new(&["DeleteDirectoryGroupUser", "[Groups] Del_group_user"], &GROUP_USER, Operation::Delete)
        .answers(DATA)
        .documented(&[
            ITS_GROUP,
            Part { at: &[Key::Name("affected_id")], content: Content::Value("id"), what: What::Subject },
        ])
        .missing("user not found"),
    Message::new(&["DeleteDirectoryGroup", "[Groups] Del_group"], &GROUP, Operation::Delete)
        .answers(DATA)
        .documented(&[GONE, ITS_DOMAIN])
        .missing("group not found")
        .failed("can't delete group"),
];
