//! Pushes: what a connection hears of without asking, by the names that it subscribed to.
//!
//! A push looks like an answer whose `MessageType` is the name of the subscription. [`declared`] lists the names that
//! are made here; every other message's name can be subscribed to as well, and is silent as long as nothing declares
//! how it is made. Who may have a push is checked when somebody subscribes, and again for each push.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use custompbx_pbx::account::{Scope, Section, Verb};
use custompbx_pbx::feed::Event;
use custompbx_pbx::{Error, Pbx};
use custompbx_store::{InstanceId, RevisionId, Role};
use futures_util::FutureExt as _;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use super::named::status;
use super::reply::Reply;
use super::table;
use super::tree;
use crate::App;
use crate::access::Access;

/// How often sessions that are over are looked for.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Names of subscriptions, and how their pushes are made.
pub(crate) struct Subscription {
    /// Each is answered in its own form.
    pub(crate) names: &'static [&'static str],
    /// The least role that may have them.
    pub(crate) role: Role,
    /// What the token must be good for.
    pub(crate) scope: Scope,
    /// How a push comes about.
    pub(crate) made: Made,
}

/// How a push comes about.
#[derive(Clone, Copy)]
pub(crate) enum Made {
    /// Somebody publishes it ([`Pbx::publish`]).
    Published,
    /// It is made from what a revision changed.
    FromRevision(FromRevision),
}

/// Makes the pushes of a revision: it gets those of the declared names that somebody subscribed to, and gives the
/// members of each push with its name. When that is too much to tell, it gives nothing, and the subscribers are told to
/// read again; the same for an error.
pub(crate) type FromRevision = for<'a> fn(&'a App, InstanceId, RevisionId, &'a [&'static str]) -> Making<'a>;

/// A future of pushes.
pub(crate) type Making<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Vec<(&'static str, Reply)>>, Error>> + Send + 'a>>;

const fn published(names: &'static [&'static str], role: Role, scope: Scope) -> Subscription {
    Subscription { names, role, scope, made: Made::Published }
}

const fn read(section: Section) -> Scope {
    Scope::In(section, Verb::Read)
}

/// The list. A name may stand in it more than once, with the same rule.
pub(crate) fn declared() -> &'static [Subscription] {
    static DECLARED: LazyLock<Vec<Subscription>> = LazyLock::new(|| {
        let mut all = vec![
            published(&["[Dashboard]"], Role::Admin, read(Section::Dashboard)),
            published(
                &[
                    "[Config] Get_sofia_profiles",
                    "[Config] Get_sofia_profile_gateways",
                    "[Config][Get] Modules",
                    super::live::AGENTS,
                    super::live::TIERS,
                ],
                Role::Admin,
                read(Section::Configuration),
            ),
            published(&[super::live::LIVE, super::live::EFFECTS], Role::Admin, read(Section::Switches)),
            // Evaluations show values of channels and of global variables.
            published(&["[Dialplan] Debug"], Role::Admin, Scope::All(Verb::Read)),
            published(&["GetDirectoryUsers", "[Users] Get_users"], Role::Admin, read(Section::Directory)),
            published(&["SubscribeHepPackages"], Role::Admin, Scope::All(Verb::Read)),
            // These two come without a subscription; older clients ask for them nevertheless.
            published(&["connection", "NewMessage"], Role::User, Scope::Own),
            #[cfg(test)]
            super::tests::CHANGES,
        ];
        all.extend(tree::push::subscriptions());
        all
    });
    &DECLARED
}

/// Who may subscribe to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The name.
    pub(crate) name: &'static str,
    /// The least role.
    pub(crate) role: Role,
    /// What the token must be good for.
    pub(crate) scope: Scope,
}

/// The rule for a name; `None` for one that nobody can subscribe to.
pub(crate) fn rule(name: &str) -> Option<Rule> {
    for subscription in declared() {
        if let Some(name) = subscription.names.iter().find(|known| **known == name) {
            return Some(Rule { name, role: subscription.role, scope: subscription.scope });
        }
    }
    let message = table::find(name)?;
    let name = message.names.iter().find(|known| **known == name)?;
    let role = match message.access {
        Access::Role(role) => role,
        // Whoever subscribes is signed in.
        Access::Anyone => Role::User,
        Access::LocalOrAdmin | Access::EachMessage => Role::Admin,
    };
    Some(Rule { name, role, scope: message.scope })
}

/// How the server is, as everybody is told.
pub(super) async fn state(app: &App) -> Utf8Bytes {
    status::reply(app).await.finish("connection", None).to_string().into()
}

/// That something of a subscription was left out, and has to be read again.
pub(super) fn resync(name: &str) -> Utf8Bytes {
    json!({"MessageType": name, "resync": true}).to_string().into()
}

/// Makes pushes of what happens; does not end.
pub(crate) async fn run(app: &App) {
    let mut events = app.pbx().events();
    loop {
        match events.recv().await {
            Ok(event) => {
                // Those who make pushes are code of others; a fault of theirs must not end all pushes.
                if AssertUnwindSafe(take(app, event)).catch_unwind().await.is_err() {
                    tracing::error!("making a push ended in a panic; subscribers read again");
                    app.sockets().resync(None);
                }
            }
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "events came faster than they were pushed; subscribers read again");
                app.sockets().resync(None);
                app.sockets().tell_state(&state(app).await);
            }
            // It cannot be closed while the server lives.
            Err(RecvError::Closed) => return,
        }
    }
}

async fn take(app: &App, event: Event) {
    match event {
        Event::TreeChanged { instance, revision } => tree_changed(app, instance, revision).await,
        Event::TreeReplaced => {
            let made = declared().iter().filter(|one| matches!(one.made, Made::FromRevision(_)));
            let names: Vec<&'static str> = made.flat_map(|one| one.names).copied().collect();
            app.sockets().resync(Some(&names));
        }
        Event::Database { .. } | Event::SwitchChanged { .. } => app.sockets().tell_state(&state(app).await),
        Event::Push { name, members } => match rule(&name) {
            Some(rule) => {
                let push = Reply::empty().with_all((*members).clone()).finish(rule.name, None);
                app.sockets().push(&rule, &push.to_string().into());
            }
            None => {
                tracing::error!(%name, "something was published under a name that nobody can subscribe to");
            }
        },
        // Those who look after sessions listen themselves.
        Event::AccountsChanged => {}
        // So do those who tell of switches.
        Event::Live(_) | Event::Effects { .. } => {}
    }
}

async fn tree_changed(app: &App, instance: InstanceId, revision: RevisionId) {
    let wanted = app.sockets().names();
    for subscription in declared() {
        let Made::FromRevision(make) = subscription.made else { continue };
        let names = subscribed(subscription.names, &wanted);
        if names.is_empty() {
            continue;
        }
        match make(app, instance, revision, &names).await {
            Ok(None) => app.sockets().resync(Some(&names)),
            Ok(Some(pushes)) => {
                for (name, members) in pushes {
                    let rule = Rule { name, role: subscription.role, scope: subscription.scope };
                    app.sockets().push(&rule, &members.finish(name, None).to_string().into());
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = error.chain(),
                    "a change was not pushed; its subscribers are told to read again"
                );
                app.sockets().resync(Some(&names));
            }
        }
    }
}

fn subscribed(names: &[&'static str], wanted: &BTreeSet<&'static str>) -> Vec<&'static str> {
    names.iter().filter(|name| wanted.contains(*name)).copied().collect()
}

/// Takes the identity from connections whose session is over: ended by anybody, on any node, or by time. Others'
/// changes are heard of as the database tells them, within a quarter of a second on SQLite and at once on PostgreSQL;
/// the time is looked at every second. Does not end.
pub(crate) async fn look_after_sessions(app: &App) {
    let mut events = app.pbx().events();
    let mut tick = interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The database did not answer; it is asked again.
    let mut again = false;
    loop {
        let all = tokio::select! {
            event = events.recv() => match event {
                Ok(Event::AccountsChanged) | Err(RecvError::Lagged(_)) => true,
                Ok(_) => continue,
                Err(RecvError::Closed) => return,
            },
            _ = tick.tick() => again,
        };
        again = !compare(app.pbx(), app, all).await && all;
    }
}

/// Whether the database answered.
async fn compare(pbx: &Pbx, app: &App, all: bool) -> bool {
    let asked = app.sockets().sessions((!all).then(|| pbx.now()));
    if asked.is_empty() {
        return true;
    }
    match pbx.sessions_left(&asked).await {
        Ok(left) => {
            app.sockets().compare(&asked, &left);
            true
        }
        Err(error) => {
            tracing::debug!(error = error.chain(), "cannot look which sessions are left");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_one_rule() {
        for subscription in declared() {
            for name in subscription.names {
                let found = rule(name).unwrap();
                assert_eq!((found.role, found.scope), (subscription.role, subscription.scope), "{name}");
                if let Some(message) = table::find(name) {
                    assert_eq!(message.access, Access::Role(found.role), "{name}");
                    assert_eq!(message.scope, found.scope, "{name}");
                }
            }
        }
    }

    #[test]
    fn the_documented_names_are_known() {
        for name in [
            "[Dashboard]",
            "[Config] Get_sofia_profiles",
            "[Config] Get_sofia_profile_gateways",
            "[Config][Get] Modules",
            "[Dialplan] Debug",
            "[Users] Get_users",
            "SubscribeCallcenterAgents",
            "connection",
        ] {
            assert!(rule(name).is_some(), "{name}");
        }
        for name in ["", "nothing", "[dashboard]", " [Dashboard]"] {
            assert_eq!(rule(name), None, "{name}");
        }
    }
}
