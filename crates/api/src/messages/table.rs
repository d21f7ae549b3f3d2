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
        message!($names, $access, $transport, Scope::All(custompbx_pbx::account::Verb::Write), $call)
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

pub(super) use message;

const USER: Access = Access::Role(Role::User);
const TOKENS_READ: Scope = Scope::In(Section::Tokens, Verb::Read);
const TOKENS_WRITE: Scope = Scope::In(Section::Tokens, Verb::Write);

/// The table.
pub fn all() -> &'static [Message] {
    &ALL
}

static ALL: LazyLock<Vec<Message>> = LazyLock::new(|| {
    let mut all = vec![
        #[cfg(test)]
        message!(["a panic"], Access::Anyone, Both, Scope::Own, super::tests::panics),
        message!(["get_status"], Access::Anyone, WebSocket, Scope::Own, named::status::get_status),
        message!(["login"], Access::Anyone, WebSocket, Scope::Own, named::auth::login),
        message!(["relogin"], USER, WebSocket, Scope::Own, named::auth::relogin),
        message!(["[Auth] Logout"], USER, WebSocket, Scope::Own, named::auth::logout),
        // That others' tokens are for admins is decided where it is done.
        message!(["AddUserToken"], USER, WebSocket, TOKENS_WRITE, named::tokens::add),
        message!(["GetUserTokens"], USER, WebSocket, TOKENS_READ, named::tokens::list),
        message!(["UserGetOwnTokens"], USER, WebSocket, TOKENS_READ, named::tokens::own),
        message!(["RemoveUserToken"], USER, WebSocket, TOKENS_WRITE, named::tokens::remove),
        // Each name has a rule of its own.
        message!(["SubscriptionList"], USER, WebSocket, Scope::Own, named::subscriptions::list),
        message!(["PersistentSubscription"], USER, WebSocket, Scope::Own, named::subscriptions::persistent),
        message!(["[UnSubscribe]"], USER, WebSocket, Scope::Own, named::subscriptions::unsubscribe),
    ];
    all.extend(super::administration::messages());
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
