//! The messages about the server itself: its settings, instances, dashboard, web users, and templates of users.

use custompbx_pbx::account::{Scope, Section, Verb};
use custompbx_store::Role;

use super::named;
use super::table::{Message, Transport, message};
use crate::access::Access;

const USER: Access = Access::Role(Role::User);
const MANAGER: Access = Access::Role(Role::Manager);
const ADMIN: Access = Access::Role(Role::Admin);

const READ_DIRECTORY: Scope = Scope::In(Section::Directory, Verb::Read);
const WRITE_DIRECTORY: Scope = Scope::In(Section::Directory, Verb::Write);
const READ_SETTINGS: Scope = Scope::In(Section::Settings, Verb::Read);
const WRITE_SETTINGS: Scope = Scope::In(Section::Settings, Verb::Write);
const READ_DASHBOARD: Scope = Scope::In(Section::Dashboard, Verb::Read);
const READ_WEB_USERS: Scope = Scope::In(Section::WebUsers, Verb::Read);
const WRITE_WEB_USERS: Scope = Scope::In(Section::WebUsers, Verb::Write);
const READ_INSTANCES: Scope = Scope::In(Section::Instances, Verb::Read);
const WRITE_INSTANCES: Scope = Scope::In(Section::Instances, Verb::Write);

/// Their lines in the table.
pub(super) fn messages() -> Vec<Message> {
    vec![
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
        message!(["[Settings][Users] Get"], ADMIN, Both, READ_WEB_USERS, named::web_users::get),
        message!(["GetWebUsersByDirectory"], ADMIN, Both, READ_WEB_USERS, named::web_users::by_directory),
        message!(["[Settings][Users] Add"], ADMIN, Both, WRITE_WEB_USERS, named::web_users::add),
        message!(["[Settings][Users] Rename"], ADMIN, Both, WRITE_WEB_USERS, named::web_users::rename),
        message!(
            ["[Settings][Users][Switch] Web user"],
            ADMIN,
            Both,
            WRITE_WEB_USERS,
            named::web_users::switch
        ),
        message!(["[Settings][Users] Delete"], ADMIN, Both, WRITE_WEB_USERS, named::web_users::delete),
        message!(["[Settings][Users][Update] Lang"], ADMIN, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(
            ["[Settings][Users][Update] Sip user"],
            ADMIN,
            Both,
            WRITE_WEB_USERS,
            named::web_users::update
        ),
        message!(["UpdateWebUserGroup"], ADMIN, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(
            ["[Settings][Users][Update] Password"],
            USER,
            Both,
            WRITE_WEB_USERS,
            named::web_users::update
        ),
        message!(["[Settings][Users][Update] Locale"], USER, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(["[Settings][Users][Update] Ws"], USER, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(
            ["[Settings][Users][Update] Verto Ws"],
            USER,
            Both,
            WRITE_WEB_USERS,
            named::web_users::update
        ),
        message!(
            ["[Settings][Users][Update] WebRTC Lib"],
            USER,
            Both,
            WRITE_WEB_USERS,
            named::web_users::update
        ),
        message!(["[Settings][Users][Update] Stun"], USER, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(["[Settings][Users][Update] Avatar"], USER, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(["[Settings][Users][Clear] Avatar"], USER, Both, WRITE_WEB_USERS, named::web_users::update),
        message!(["GetWebDirectoryUsersTemplates"], ADMIN, Both, READ_DIRECTORY, named::templates::all),
        message!(["AddWebDirectoryUsersTemplate"], ADMIN, Both, WRITE_DIRECTORY, named::templates::add),
        message!(["UpdateWebDirectoryUsersTemplate"], ADMIN, Both, WRITE_DIRECTORY, named::templates::update),
        message!(["SwitchWebDirectoryUsersTemplate"], ADMIN, Both, WRITE_DIRECTORY, named::templates::switch),
        message!(["DelWebDirectoryUsersTemplate"], ADMIN, Both, WRITE_DIRECTORY, named::templates::delete),
        message!(
            ["GetWebDirectoryUsersTemplateParameters"],
            ADMIN,
            Both,
            READ_DIRECTORY,
            named::templates::fields
        ),
        message!(
            ["AddWebDirectoryUsersTemplateParameter"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::add_field
        ),
        message!(
            ["UpdateWebDirectoryUsersTemplateParameter"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::update_field
        ),
        message!(
            ["SwitchWebDirectoryUsersTemplateParameter"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::switch_field
        ),
        message!(
            ["DelWebDirectoryUsersTemplateParameter"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::delete_field
        ),
        message!(
            ["GetWebDirectoryUsersTemplateVariables"],
            ADMIN,
            Both,
            READ_DIRECTORY,
            named::templates::fields
        ),
        message!(
            ["AddWebDirectoryUsersTemplateVariable"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::add_field
        ),
        message!(
            ["UpdateWebDirectoryUsersTemplateVariable"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::update_field
        ),
        message!(
            ["SwitchWebDirectoryUsersTemplateVariable"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::switch_field
        ),
        message!(
            ["DelWebDirectoryUsersTemplateVariable"],
            ADMIN,
            Both,
            WRITE_DIRECTORY,
            named::templates::delete_field
        ),
        message!(
            ["GetWebDirectoryUsersTemplatesList"],
            MANAGER,
            Both,
            READ_DIRECTORY,
            named::templates::usable
        ),
        message!(["GetWebDirectoryUsersTemplateForm"], MANAGER, Both, READ_DIRECTORY, named::templates::form),
        message!(
            ["CreateWebDirectoryUsersByTemplate"],
            MANAGER,
            Both,
            WRITE_DIRECTORY,
            named::templates::create_user
        ),
    ]
}
