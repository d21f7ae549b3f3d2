//! Messages about gateways of users.

use super::kinds::{DOMAIN, GATEWAY, GATEWAY_PARAM, GATEWAY_VAR, USER};
use super::messages::{DATA, DATA_DOMAINS, DOMAINS, GONE, ID, ITEM, ITS_DOMAIN, LINE, NAME, NEW_LINE, SHOWN};
use super::user_messages::{DIRECTORY_USERS, USER_SHOWN};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Place, Take, What};

const ITS_USER: Part =
    Part { at: &[Key::Name("affected_id")], content: Content::Id(&USER), what: What::Subject };
const THE_GATEWAY: &[Part] = &[ITEM, ITS_DOMAIN, ITS_USER];
const PARAMETERS: &[Key] =
    &[Key::Name("gateway_details"), Key::Id(&GATEWAY), Key::Name("parameters"), Key::Own];
const VARIABLES: &[Key] =
    &[Key::Name("gateway_details"), Key::Id(&GATEWAY), Key::Name("variables"), Key::Own];
const VARIABLE_SHOWN: Content = Content::Members(&["id", "enabled", "name", "value", "direction"]);
const THE_PARAMETER: &[Part] = &[Part { at: PARAMETERS, content: SHOWN, what: What::Subject }];
const THE_VARIABLE: &[Part] = &[Part { at: VARIABLES, content: VARIABLE_SHOWN, what: What::Subject }];
/// The documentation has variables in an object, the reference implementation beside the token.
const VARIABLE: Place = Place::Either("variable");

pub(super) static MESSAGES: &[Message] = &[
    Message::new(
        &["AddDirectoryUserGateway", "[Gateways] Add_new_user_gateway"],
        &GATEWAY,
        Operation::Add(NAME),
    )
    .answers(DATA)
    .documented(THE_GATEWAY)
    .missing("domain not found"),
    Message::new(&["GetDirectoryUserGateways", "[Gateways] Get_users_gateways"], &GATEWAY, Operation::List)
        .answers(&[
            DATA_DOMAINS,
            Part {
                at: &[Key::Name("data"), Key::Name("directory_users"), Key::Own],
                content: Content::Whole,
                what: What::All(&USER),
            },
            Part {
                at: &[Key::Name("data"), Key::Name("user_gateways"), Key::Own],
                content: Content::Whole,
                what: What::All(&GATEWAY),
            },
        ])
        .documented(&[
            DOMAINS,
            Part { at: DIRECTORY_USERS, content: USER_SHOWN, what: What::All(&USER) },
            Part {
                at: &[Key::Name("user_gateways"), Key::Id(&DOMAIN), Key::Id(&USER), Key::Own],
                content: Content::Members(&["id", "enabled", "name"]),
                what: What::All(&GATEWAY),
            },
        ]),
    Message::new(
        &["UpdateDirectoryUserGatewayName", "[Gateways] Update_user_gateway_name"],
        &GATEWAY,
        Operation::Update(NAME),
    )
    .answers(DATA)
    .documented(THE_GATEWAY)
    .missing("gateway not found"),
    Message::new(
        &["AddDirectoryUserGatewayParameter", "[Gateways] Add_user_gateway_param"],
        &GATEWAY_PARAM,
        Operation::Add(NEW_LINE),
    )
    .answers(DATA)
    .documented(&[Part { at: &[Key::Name("item")], content: SHOWN, what: What::Subject }])
    .missing("user gateway not found"),
    Message::new(
        &["AddDirectoryUserGatewayVariable", "[Gateways] Add_user_gateway_var"],
        &GATEWAY_VAR,
        Operation::Add(&[
            Take::same("name", Need::Filled),
            Take::same("value", Need::Optional),
            Take::same("direction", Need::Optional),
        ]),
    )
    .request(VARIABLE)
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("gateway not found"),
    Message::new(
        &["UpdateDirectoryUserGatewayParameter", "[Gateways] Update_user_gateway_param"],
        &GATEWAY_PARAM,
        Operation::Update(LINE),
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("param not found"),
    Message::new(
        &["SwitchDirectoryUserGatewayParameter", "[Gateways][Switch] Param"],
        &GATEWAY_PARAM,
        Operation::Switch,
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .wrong_id("no id")
    .missing("parameter not found")
    .failed("can't change"),
    Message::new(
        &["UpdateDirectoryUserGatewayVariable", "[Gateways] Update_user_gateway_var"],
        &GATEWAY_VAR,
        Operation::Update(&[
            Take::same("name", Need::Filled),
            Take::same("value", Need::There),
            Take::same("direction", Need::Optional),
        ]),
    )
    .request(VARIABLE)
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found"),
    Message::new(
        &["SwitchDirectoryUserGatewayVariable", "[Gateways] Switch_user_gateway_var"],
        &GATEWAY_VAR,
        Operation::Switch,
    )
    .request(VARIABLE)
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found")
    .failed("can't change"),
    Message::new(
        &["GetDirectoryUserGatewayDetails", "[Gateways] Get_user_gateways_details"],
        &GATEWAY,
        Operation::Details,
    )
    .answers(&[
        Part {
            at: &[Key::Name("data"), Key::Name("parameters"), Key::Own],
            content: Content::Whole,
            what: What::Below(&GATEWAY_PARAM),
        },
        Part {
            at: &[Key::Name("data"), Key::Name("variables"), Key::Own],
            content: Content::Whole,
            what: What::Below(&GATEWAY_VAR),
        },
    ])
    .documented(&[
        Part { at: PARAMETERS, content: SHOWN, what: What::Below(&GATEWAY_PARAM) },
        // The documentation shows none, and there is no other way to them under the documented names.
        Part { at: VARIABLES, content: VARIABLE_SHOWN, what: What::Below(&GATEWAY_VAR) },
    ])
    .missing("gateway not found"),
    Message::new(
        &["DeleteDirectoryUserGatewayParameter", "[Gateways] Del_user_gateway_param"],
        &GATEWAY_PARAM,
        Operation::Delete,
    )
    .answers(DATA)
    .documented(ID),
    Message::new(
        &["DeleteDirectoryUserGatewayVariable", "[Gateways] Del_user_gateway_var"],
        &GATEWAY_VAR,
        Operation::Delete,
    )
    .request(VARIABLE)
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found"),
    Message::new(&["DeleteDirectoryUserGateway", "[Gateways] Del_user_gateway"], &GATEWAY, Operation::Delete)
        .answers(DATA)
        .documented(&[GONE, ITS_DOMAIN, ITS_USER])
        .missing("gateway not found")
        .failed("can't delete gateway"),
];
