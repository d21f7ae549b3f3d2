//! The lines of the messages about the tree in the table.

use custompbx_model::declare::kind::Kind;
use custompbx_model::declare::message::{self, Operation};
use custompbx_model::modules;
use custompbx_pbx::account::{Scope, Section, Verb};
use custompbx_store::Role;

use crate::access::Access;
use crate::messages::live::{AGENTS, EFFECTS, LIVE, TIERS};
use crate::messages::table::{Message, Transport, message};
use crate::messages::{live, named};

const ADMIN: Access = Access::Role(Role::Admin);
const READ_DIALPLAN: Scope = Scope::In(Section::Dialplan, Verb::Read);
const WRITE_DIALPLAN: Scope = Scope::In(Section::Dialplan, Verb::Write);
const WRITE_DIRECTORY: Scope = Scope::In(Section::Directory, Verb::Write);
const WRITE_VARIABLES: Scope = Scope::In(Section::GlobalVariables, Verb::Write);
const READ_CONFIGURATION: Scope = Scope::In(Section::Configuration, Verb::Read);
const READ_SWITCHES: Scope = Scope::In(Section::Switches, Verb::Read);
const WRITE_SWITCHES: Scope = Scope::In(Section::Switches, Verb::Write);
const WRITE_FS_CLI: Scope = Scope::In(Section::FsCli, Verb::Write);
const WRITE_CONFIGURATION: Scope = Scope::In(Section::Configuration, Verb::Write);

/// All of them: those that are data, and those that are code.
pub(crate) fn lines() -> Vec<Message> {
    let mut lines: Vec<Message> = modules::messages()
        .map(|message| Message {
            names: message.names,
            access: ADMIN,
            transport: Transport::Both,
            scope: scope(message),
            call: |asked| Box::pin(super::call(asked)),
        })
        .collect();
    lines.extend(code());
    lines
}

/// What a token needs for a message that is data.
fn scope(message: &message::Message) -> Scope {
    let verb = match message.operation {
        Operation::List | Operation::Details => Verb::Read,
        _ => Verb::Write,
    };
    Scope::In(section(message.kind), verb)
}

/// The section that a kind of objects belongs to.
pub(super) fn section(kind: &Kind) -> Section {
    match kind.name.split('.').next() {
        Some("directory") => Section::Directory,
        Some("dialplan") => Section::Dialplan,
        Some("global_variable") => Section::GlobalVariables,
        _ => Section::Configuration,
    }
}

fn code() -> Vec<Message> {
    vec![
        message!(
            ["ImportDirectory", "[Directory][Import]"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::switch::import_directory
        ),
        message!(["ImportXMLDomain"], ADMIN, Both, WRITE_DIRECTORY, named::paste::domains),
        message!(["ImportXMLDomainUser"], ADMIN, Both, WRITE_DIRECTORY, named::paste::users),
        message!(["DialplanGetSettings"], ADMIN, Both, READ_DIALPLAN, named::dialplan::get_settings),
        message!(
            ["DialplanChangeNotProceed"],
            ADMIN,
            Both,
            WRITE_DIALPLAN,
            named::dialplan::change_not_proceed
        ),
        message!(["[Dialplan][Import]"], ADMIN, Both, WRITE_DIALPLAN, named::switch::import_dialplan),
        message!(["[Dialplan] Debug"], ADMIN, Both, Scope::All(Verb::Read), named::dialplan::debug),
        message!(["[Dialplan][Switch] Debug"], ADMIN, Both, WRITE_DIALPLAN, named::dialplan::switch_debug),
        message!(["ImportGlobalVariables"], ADMIN, Both, WRITE_VARIABLES, named::switch::import_variables),
        message!(["[Config][Get] Modules"], ADMIN, Both, READ_CONFIGURATION, named::modules::get),
        message!(
            ["[Config][From scratch] Module"],
            ADMIN,
            Both,
            WRITE_CONFIGURATION,
            named::modules::from_scratch
        ),
        message!(["[Config][Import] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::import_module),
        message!(
            ["[Config][Import] All Modules"],
            ADMIN,
            Both,
            WRITE_CONFIGURATION,
            named::switch::import_configurations
        ),
        message!(["ImportXMLModuleConfig"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::import_xml),
        message!(["[Config][Switch] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::switch),
        message!(["[Config][Reload] Module"], ADMIN, Both, WRITE_SWITCHES, named::switch::reload),
        message!(["[Config][Unload] Module"], ADMIN, Both, WRITE_SWITCHES, named::switch::unload),
        message!(["[Config][Load] Module"], ADMIN, Both, WRITE_SWITCHES, named::switch::load),
        message!(["[Config][Autoload] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::autoload),
        message!(["[API] Sofia profile command"], ADMIN, Both, WRITE_SWITCHES, named::switch::sofia),
        message!(["SendCallcenterCommand"], ADMIN, Both, WRITE_SWITCHES, named::switch::callcenter),
        message!(
            ["SendFSCLICommand", "RealFSCLIConnect", "RealFSCLICommand"],
            ADMIN,
            Both,
            WRITE_FS_CLI,
            named::switch::fs_cli
        ),
        message!(["GetCallcenterAgents"], ADMIN, Both, READ_CONFIGURATION, named::callcenter::agents),
        message!(["GetCallcenterTiers"], ADMIN, Both, READ_CONFIGURATION, named::callcenter::tiers),
        message!(["GetCallcenterMembers"], ADMIN, Both, READ_CONFIGURATION, named::callcenter::members),
        message!([AGENTS], ADMIN, Both, READ_CONFIGURATION, named::callcenter::agents),
        message!([TIERS], ADMIN, Both, READ_CONFIGURATION, named::callcenter::tiers),
        message!([LIVE], ADMIN, Both, READ_SWITCHES, live::everything),
        message!([EFFECTS], ADMIN, Both, READ_SWITCHES, live::effects),
        message!(["TruncateModuleConfig"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::truncate),
    ]
}
