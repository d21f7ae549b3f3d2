//! Every message, with its names, its access rule and its transport. There is none without a rule.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::LazyLock;

use custompbx_store::Role;

use super::dispatch::Asked;
use super::named;
use super::reply::Outcome;
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

/// Makes the line of a message that is code of its own.
macro_rules! message {
    ($names:expr, $access:expr, $transport:ident, $call:path) => {
        Message {
            names: &$names,
            access: $access,
            transport: Transport::$transport,
            call: |asked| Box::pin($call(asked)),
        }
    };
}

const USER: Access = Access::Role(Role::User);
const ADMIN: Access = Access::Role(Role::Admin);

/// The table.
pub fn all() -> &'static [Message] {
    &ALL
}

static ALL: LazyLock<Vec<Message>> = LazyLock::new(|| {
    vec![
        message!(["get_status"], Access::Anyone, WebSocket, named::status::get_status),
        message!(["relogin"], USER, Both, named::auth::relogin),
        message!(["get_settings"], ADMIN, Both, named::settings::get_settings),
        message!(["set_settings"], ADMIN, Both, named::settings::set_settings),
        message!(["settings"], ADMIN, Both, named::settings::settings),
        message!(["[Dashboard]"], ADMIN, Both, named::dashboard::dashboard),
        message!(["GetWebSettings"], ADMIN, Both, named::web_settings::get_web_settings),
        message!(["SaveWebSettings"], ADMIN, Both, named::web_settings::save_web_settings),
        message!(["GetInstances"], ADMIN, Both, named::instances::get_instances),
        message!(["UpdateInstanceDescription"], ADMIN, Both, named::instances::update_instance_description),
    ]
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
