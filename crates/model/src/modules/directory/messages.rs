//! Messages about the directory: domains, and how answers about its objects look.

use super::kinds::{DOMAIN, DOMAIN_PARAM, DOMAIN_VAR};
use crate::declare::message::{Content, Key, Message, Need, Operation, Part, Take, What};

/// The subject alone, as the reference implementation answers.
pub(super) const DATA: &[Part] =
    &[Part { at: &[Key::Name("data")], content: Content::Whole, what: What::Subject }];
/// The id of what went.
pub(super) const ID: &[Part] =
    &[Part { at: &[Key::Name("id")], content: Content::Value("id"), what: What::Subject }];
/// A name that must be there.
pub(super) const NAME: &[Take] = &[Take::same("name", Need::Filled)];
/// A new parameter or variable.
pub(super) const NEW_LINE: &[Take] = &[Take::same("name", Need::Filled), Take::same("value", Need::Optional)];
/// A parameter or variable with other content.
pub(super) const LINE: &[Take] = &[Take::same("name", Need::Filled), Take::same("value", Need::There)];
/// What the documentation shows of a parameter or variable.
pub(super) const SHOWN: Content = Content::Members(&["id", "enabled", "name", "value"]);
/// What it shows of a domain.
pub(super) const DOMAIN_SHOWN: Content = Content::Members(&["id", "enabled", "name", "sip_regs_counter"]);

/// All domains, as the documentation has them beside other things.
pub(super) const DOMAINS: Part =
    Part { at: &[Key::Name("domains"), Key::Own], content: DOMAIN_SHOWN, what: What::All(&DOMAIN) };
/// The same as the reference implementation has them.
pub(super) const DATA_DOMAINS: Part = Part {
    at: &[Key::Name("data"), Key::Name("domains"), Key::Own],
    content: Content::Whole,
    what: What::All(&DOMAIN),
};

/// The id of the domain that something is in.
pub(super) const ITS_DOMAIN: Part =
    Part { at: &[Key::Name("id")], content: Content::Id(&DOMAIN), what: What::Subject };

/// What the documentation shows of something with a new name.
pub(super) const ITEM: Part =
    Part { at: &[Key::Name("item")], content: Content::Members(&["id", "name"]), what: What::Subject };
/// What it shows of something that went.
pub(super) const GONE: Part =
    Part { at: &[Key::Name("item")], content: Content::Members(&["id"]), what: What::Subject };

const THE_DOMAIN: &[Part] =
    &[Part { at: &[Key::Name("domains"), Key::Own], content: DOMAIN_SHOWN, what: What::Subject }];
const PARAMETERS: &[Key] =
    &[Key::Name("domain_details"), Key::Id(&DOMAIN), Key::Name("parameters"), Key::Own];
const VARIABLES: &[Key] = &[Key::Name("domain_details"), Key::Id(&DOMAIN), Key::Name("variables"), Key::Own];
const THE_PARAMETER: &[Part] = &[Part { at: PARAMETERS, content: SHOWN, what: What::Subject }];
const THE_VARIABLE: &[Part] = &[Part { at: VARIABLES, content: SHOWN, what: What::Subject }];

pub(super) static MESSAGES: &[Message] = &[
    Message::new(&["AddDirectoryDomain", "[Domains][Add] Domain"], &DOMAIN, Operation::Add(NAME))
        .answers(DATA)
        .documented(THE_DOMAIN)
        .taken("domain name already exists")
        .empty("empty domain name"),
    Message::new(&["GetDirectoryDomains", "[Domains][Get] Domains"], &DOMAIN, Operation::List)
        .answers(&[Part {
            at: &[Key::Name("data"), Key::Own],
            content: Content::Whole,
            what: What::All(&DOMAIN),
        }])
        .documented(&[DOMAINS]),
    Message::new(&["RenameDirectoryDomain", "[Domains] Rename_domain"], &DOMAIN, Operation::Update(NAME))
        .answers(DATA)
        .documented(THE_DOMAIN)
        .taken("domain name already exists")
        .empty("empty domain name"),
    Message::new(&["SwitchDirectoryDomain", "[Domains][Switch] Domain"], &DOMAIN, Operation::Switch)
        .answers(DATA)
        .documented(THE_DOMAIN)
        .missing("domain not found")
        .failed("can't change"),
    Message::new(
        &["AddDirectoryDomainParameter", "[Domains] New_domain_param"],
        &DOMAIN_PARAM,
        Operation::Add(NEW_LINE),
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("param not found"),
    Message::new(
        &["AddDirectoryDomainVariable", "[Domains] New_domain_var"],
        &DOMAIN_VAR,
        Operation::Add(NEW_LINE),
    )
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("domain not found"),
    Message::new(
        &["UpdateDirectoryDomainParameter", "[Domains] Update_domain_param"],
        &DOMAIN_PARAM,
        Operation::Update(LINE),
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("param not found"),
    Message::new(
        &["SwitchDirectoryDomainParameter", "[Domains][Switch] Domain parameter"],
        &DOMAIN_PARAM,
        Operation::Switch,
    )
    .answers(DATA)
    .documented(THE_PARAMETER)
    .missing("parameter not found")
    .failed("can't change"),
    Message::new(
        &["UpdateDirectoryDomainVariable", "[Domains] Update_domain_var"],
        &DOMAIN_VAR,
        Operation::Update(LINE),
    )
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found")
    .taken("can't add"),
    Message::new(
        &["SwitchDirectoryDomainVariable", "[Domains][Switch] Domain variable"],
        &DOMAIN_VAR,
        Operation::Switch,
    )
    .answers(DATA)
    .documented(THE_VARIABLE)
    .missing("variable not found"),
    Message::new(
        &["GetDirectoryDomainDetails", "[Domains][Get] Domain_details"],
        &DOMAIN,
        Operation::Details,
    )
    .answers(&[
        Part {
            at: &[Key::Name("data"), Key::Name("parameters"), Key::Own],
            content: Content::Whole,
            what: What::Below(&DOMAIN_PARAM),
        },
        Part {
            at: &[Key::Name("data"), Key::Name("variables"), Key::Own],
            content: Content::Whole,
            what: What::Below(&DOMAIN_VAR),
        },
    ])
    .documented(&[
        Part { at: PARAMETERS, content: SHOWN, what: What::Below(&DOMAIN_PARAM) },
        Part { at: VARIABLES, content: SHOWN, what: What::Below(&DOMAIN_VAR) },
    ])
    .missing("domain not found"),
    Message::new(
        &["DeleteDirectoryDomainParameter", "[Domains] Del_domain_param"],
        &DOMAIN_PARAM,
        Operation::Delete,
    )
    .answers(DATA)
    .documented(ID),
    Message::new(
        &["DeleteDirectoryDomainVariable", "[Domains] Del_domain_var"],
        &DOMAIN_VAR,
        Operation::Delete,
    )
    .answers(DATA)
    .documented(ID),
    Message::new(&["DeleteDirectoryDomain", "[Domains] Del_domain"], &DOMAIN, Operation::Delete)
        .answers(DATA)
        .documented(ID)
        .missing("domain not found")
        .failed("can't delete domain"),
];
