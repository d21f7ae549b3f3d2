//! Every message, with its names, its access rule and its transport. There is none without a rule.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::LazyLock;

use custompbx_pbx::account::{Scope, Section, Verb};
use custompbx_store::Role;

use super::dispatch::Asked;
use super::named;
use super::reply::Outcome;
use super::tree;
use crate::access::Access;

/// One message.
pub struct Message {
    /// What it is called: first as the reference implementation calls it, then as the documentation does where that
    /// differs.
    pub names: &'static [&'static str],
    /// Who may send it. What somebody may do with whom (only themselves, mostly) is the message's own matter.
    pub access: Access,
    /// How it may come.
    pub transport: Transport,
    /// What the token must be good for, if it has scopes.
    pub scope: Scope,
    pub(crate) call: Call,
}

/// How a message may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// By WebSocket and by POST.
    Both,
    /// By WebSocket only: signing in, tokens, subscriptions.
    WebSocket,
}

/// A future of a message.
pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// What a message does.
pub(crate) type Call = for<'a> fn(Asked<'a>) -> Running<'a>;

/// Makes the line of a message that is code of its own: names, access, transport, scope, code. Without a scope it needs
/// the right to change everything, as long as nobody thought about it.
macro_rules! message {
    ($names:expr, $access:expr, $transport:ident, $call:path) => {
        message!($names, $access, $transport, Scope::All(Verb::Write), $call)
    };
    ($names:expr, $access:expr, $transport:ident, $scope:expr, $call:path) => {
        Message {
            names: &$names,
            access: $access,
            transport: Transport::$transport,
            scope: $scope,
            call: |asked| Box::pin($call(asked)),
        }
    };
}

const USER: Access = Access::Role(Role::User);
const ADMIN: Access = Access::Role(Role::Admin);
const READ_SETTINGS: Scope = Scope::In(Section::Settings, Verb::Read);
const WRITE_SETTINGS: Scope = Scope::In(Section::Settings, Verb::Write);
const READ_DASHBOARD: Scope = Scope::In(Section::Dashboard, Verb::Read);
const READ_INSTANCES: Scope = Scope::In(Section::Instances, Verb::Read);
const WRITE_INSTANCES: Scope = Scope::In(Section::Instances, Verb::Write);

const READ_DIALPLAN: Scope = Scope::In(Section::Dialplan, Verb::Read);
const WRITE_DIALPLAN: Scope = Scope::In(Section::Dialplan, Verb::Write);
const WRITE_DIRECTORY: Scope = Scope::In(Section::Directory, Verb::Write);
const WRITE_VARIABLES: Scope = Scope::In(Section::GlobalVariables, Verb::Write);
const READ_CONFIGURATION: Scope = Scope::In(Section::Configuration, Verb::Read);
const WRITE_CONFIGURATION: Scope = Scope::In(Section::Configuration, Verb::Write);

/// The table.
pub fn all() -> &'static [Message] {
    &ALL
}

static ALL: LazyLock<Vec<Message>> = LazyLock::new(|| {
    let mut all = vec![
        message!(["get_status"], Access::Anyone, WebSocket, Scope::Own, named::status::get_status),
        message!(["relogin"], USER, WebSocket, Scope::Own, named::auth::relogin),
        message!(["get_settings"], ADMIN, Both, READ_SETTINGS, named::settings::get_settings),
        message!(["set_settings"], ADMIN, Both, WRITE_SETTINGS, named::settings::set_settings),
        message!(["settings"], ADMIN, Both, WRITE_SETTINGS, named::settings::settings),
        message!(["[Dashboard]"], ADMIN, Both, READ_DASHBOARD, named::dashboard::dashboard),
        message!(["GetWebSettings"], ADMIN, Both, READ_SETTINGS, named::web_settings::get_web_settings),
        message!(["SaveWebSettings"], ADMIN, Both, WRITE_SETTINGS, named::web_settings::save_web_settings),
        message!(["GetInstances"], ADMIN, Both, READ_INSTANCES, named::instances::get_instances),
        message!(
            ["UpdateInstanceDescription"],
            ADMIN,
            Both,
            WRITE_INSTANCES,
            named::instances::update_instance_description
        ),
        message!(
            ["ImportDirectory", "[Directory][Import]"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::switch::import
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
        message!(["[Dialplan][Get] Contexts"], ADMIN, Both, READ_DIALPLAN, named::dialplan::get_contexts),
        message!(["[Dialplan][Import]"], ADMIN, Both, WRITE_DIALPLAN, named::switch::import),
        message!(["[Dialplan] Debug"], ADMIN, Both, READ_DIALPLAN, named::dialplan::debug),
        message!(["[Dialplan][Switch] Debug"], ADMIN, Both, WRITE_DIALPLAN, named::dialplan::switch_debug),
        message!(["ImportGlobalVariables"], ADMIN, Both, WRITE_VARIABLES, named::switch::import),
        message!(["[Config][Get] Modules"], ADMIN, Both, READ_CONFIGURATION, named::modules::get),
        message!(
            ["[Config][From scratch] Module"],
            ADMIN,
            Both,
            WRITE_CONFIGURATION,
            named::modules::from_scratch
        ),
        message!(["[Config][Import] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::import_module),
        message!(["[Config][Import] All Modules"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::import),
        message!(["ImportXMLModuleConfig"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::import_xml),
        message!(["[Config][Switch] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::switch),
        message!(["[Config][Reload] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::load),
        message!(["[Config][Unload] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::load),
        message!(["[Config][Load] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::switch::load),
        message!(["[Config][Autoload] Module"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::autoload),
        message!(["TruncateModuleConfig"], ADMIN, Both, WRITE_CONFIGURATION, named::modules::truncate),
    ];
    all.extend(tree::lines());
    all
});

/// The message of this name.
pub fn find(name: &str) -> Option<&'static Message> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Message>> = LazyLock::new(|| {
        all().iter().flat_map(|message| message.names.iter().map(move |name| (*name, message))).collect()
    });
    BY_NAME.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = all().iter().flat_map(|message| message.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
