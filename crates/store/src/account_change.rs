//! Changes of web users, each written down with who made it.

use custompbx_model::NodeId;

use crate::account::{BY_ID, delete_sessions, expect_one, login_key, read_user};
use crate::audit::{Act, note};
use crate::edit::Author;
use crate::engine::{Tx, Value, is_taken};
use crate::error::{Error, Result};
use crate::{Role, SessionId, Store, WebUser, WebUserId};

/// What is to be otherwise with a web user; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebUserChange {
    /// [`WebUser::login`].
    pub login: Option<String>,
    /// [`WebUser::password_hash`]. Ends the sessions of the web user, but for one that may go on.
    pub password_hash: Option<String>,
    /// [`WebUser::role`].
    pub role: Option<Role>,
    /// [`WebUser::enabled`]. Disabling ends the sessions.
    pub enabled: Option<bool>,
    /// [`WebUser::sip_id`]; `Some(None)` takes it away.
    pub sip_id: Option<Option<NodeId>>,
    /// [`WebUser::webrtc_lib`].
    pub webrtc_lib: Option<String>,
    /// [`WebUser::ws`].
    pub ws: Option<String>,
    /// [`WebUser::verto_ws`].
    pub verto_ws: Option<String>,
    /// [`WebUser::stun`].
    pub stun: Option<String>,
    /// [`WebUser::lang`].
    pub lang: Option<i64>,
    /// [`WebUser::locale`].
    pub locale: Option<String>,
    /// The file extension and the content of the picture; `Some(None)` takes it away.
    pub avatar: Option<Option<(String, Vec<u8>)>>,
}

/// A web user to be.
#[derive(Clone, Debug)]
pub struct NewWebUser<'a> {
    /// [`WebUser::login`].
    pub login: &'a str,
    /// [`WebUser::password_hash`].
    pub password_hash: &'a str,
    /// [`WebUser::role`].
    pub role: Role,
}

const INSERT: &str = "INSERT INTO web_user (id, login, login_key, password_hash, role, enabled, created_at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "UPDATE web_user SET login = $2, login_key = $3, password_hash = $4, role = $5, enabled = $6, \
                      sip_id = $7, webrtc_lib = $8, ws = $9, verto_ws = $10, stun = $11, lang = $12, locale = $13 \
                      WHERE id = $1";
const ADMINS: &str = "SELECT count(*) FROM web_user WHERE role = 'admin' AND enabled AND id <> $1";

impl Store {
    /// Adds a web user, enabled.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the login is taken.
    pub async fn create_web_user(&self, new: &NewWebUser<'_>, author: &Author) -> Result<WebUser> {
        let mut tx = self.write(format!("add web user {:?}", new.login)).await?;
        let id = WebUserId(tx.next_ids("web_user", 1).await?);
        let values = [
            id.0.into(),
            new.login.into(),
            login_key(new.login).into(),
            new.password_hash.into(),
            new.role.as_str().into(),
            true.into(),
            author.at_ms.into(),
        ];
        unless_taken(&mut tx, INSERT, &values).await?;
        note(&mut tx, author, Act { action: "web_user.add", target: new.login, detail: new.role.as_str() })
            .await?;
        let user = find(&mut tx, id).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Changes a web user, all of it or nothing; how it is then. `keep` is the session of it that goes on where the
    /// others end.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user, [`Error::Conflict`] when the login is taken,
    /// [`Error::LastAdmin`] when nobody would be left who could undo it.
    pub async fn change_web_user(
        &self,
        id: WebUserId,
        change: &WebUserChange,
        keep: Option<SessionId>,
        author: &Author,
    ) -> Result<WebUser> {
        let mut tx = self.write(format!("change web user {id}")).await?;
        lock(&mut tx).await?;
        let before = find(&mut tx, id).await?;
        let after = changed(&before, change);
        let was_admin = before.role == Role::Admin && before.enabled;
        if was_admin && !(after.role == Role::Admin && after.enabled) {
            expect_another_admin(&mut tx, id).await?;
        }
        let values = [
            id.0.into(),
            after.login.as_str().into(),
            login_key(&after.login).into(),
            after.password_hash.as_str().into(),
            after.role.as_str().into(),
            after.enabled.into(),
            // What is shown of a link that leads nowhere is none; it stays until it is changed.
            Value::Int(change.sip_id.map_or(stored_sip_id(&mut tx, id).await?, |sip| sip.map(|id| id.0))),
            after.webrtc_lib.as_str().into(),
            after.ws.as_str().into(),
            after.verto_ws.as_str().into(),
            after.stun.as_str().into(),
            after.lang.into(),
            after.locale.as_str().into(),
        ];
        unless_taken(&mut tx, UPDATE, &values).await?;
        if let Some(avatar) = &change.avatar {
            let (format, content) = match avatar {
                Some((format, content)) => (format.as_str(), Some(&content[..])),
                None => ("", None),
            };
            let sql = "UPDATE web_user SET avatar_format = $2, avatar = $3 WHERE id = $1";
            tx.execute(sql, &[id.0.into(), format.into(), content.into()]).await?;
        }
        let may_come_in = |user: &WebUser| user.enabled && user.role != Role::Blocked;
        let ends_sessions = change.password_hash.is_some() || (may_come_in(&before) && !may_come_in(&after));
        if ends_sessions {
            let keep = keep.filter(|_| may_come_in(&after)).map_or(0, |id| id.0);
            let sql = "DELETE FROM session WHERE user_id = $1 AND id <> $2";
            tx.execute(sql, &[id.0.into(), keep.into()]).await?;
        }
        for (action, detail) in acts(&before, &after, change) {
            note(&mut tx, author, Act { action, target: &before.login, detail: &detail }).await?;
        }
        let user = find(&mut tx, id).await?;
        if ends_sessions || before.role != after.role || before.login != after.login {
            self.commit_account(tx).await?;
        } else {
            tx.commit().await?;
        }
        Ok(user)
    }

    /// Removes a web user with its sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user, [`Error::LastAdmin`] when nobody would be left who could
    /// add another one.
    pub async fn remove_web_user(&self, id: WebUserId, author: &Author) -> Result<()> {
        let mut tx = self.write(format!("remove web user {id}")).await?;
        lock(&mut tx).await?;
        let user = find(&mut tx, id).await?;
        if user.role == Role::Admin && user.enabled {
            expect_another_admin(&mut tx, id).await?;
        }
        delete_sessions(&mut tx, id).await?;
        let written = tx.execute("DELETE FROM web_user WHERE id = $1", &[id.0.into()]).await?;
        expect_one(&tx, written, id)?;
        let act = Act { action: "web_user.delete", target: &user.login, detail: user.role.as_str() };
        note(&mut tx, author, act).await?;
        self.commit_account(tx).await
    }
}

/// Keeps all others from changing web users until the end of the transaction: two admins who disable each other at
/// the same time must not both succeed.
async fn lock(tx: &mut Tx) -> Result<()> {
    let sql = format!("SELECT last FROM counter WHERE name = 'web_user'{}", tx.for_update());
    tx.row(crate::engine::composed(sql), &[]).await.map(drop)
}

async fn find(tx: &mut Tx, id: WebUserId) -> Result<WebUser> {
    match tx.row(BY_ID, &[id.0.into()]).await?.as_ref().map(read_user).transpose()? {
        Some(user) => Ok(user),
        None => Err(Error::NotFound { operation: tx.operation(), what: "web user", id: id.to_string() }),
    }
}

async fn stored_sip_id(tx: &mut Tx, id: WebUserId) -> Result<Option<i64>> {
    match tx.row("SELECT sip_id FROM web_user WHERE id = $1", &[id.0.into()]).await? {
        Some(row) => row.optional_int(0),
        None => Ok(None),
    }
}

async fn expect_another_admin(tx: &mut Tx, id: WebUserId) -> Result<()> {
    if tx.number(ADMINS, &[id.0.into()]).await? == 0 {
        return Err(Error::LastAdmin { operation: tx.operation() });
    }
    Ok(())
}

async fn unless_taken(tx: &mut Tx, sql: &'static str, values: &[Value<'_>]) -> Result<()> {
    match tx.execute(sql, values).await {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => {
            Err(Error::Conflict { operation: tx.operation(), what: "the login" })
        }
        Err(error) => Err(error),
    }
}

fn changed(before: &WebUser, change: &WebUserChange) -> WebUser {
    let change = change.clone();
    let mut after = before.clone();
    let set = |target: &mut String, value: Option<String>| {
        if let Some(value) = value {
            *target = value;
        }
    };
    set(&mut after.login, change.login);
    set(&mut after.password_hash, change.password_hash);
    set(&mut after.webrtc_lib, change.webrtc_lib);
    set(&mut after.ws, change.ws);
    set(&mut after.verto_ws, change.verto_ws);
    set(&mut after.stun, change.stun);
    set(&mut after.locale, change.locale);
    after.role = change.role.unwrap_or(after.role);
    after.enabled = change.enabled.unwrap_or(after.enabled);
    after.sip_id = change.sip_id.unwrap_or(after.sip_id);
    after.lang = change.lang.unwrap_or(after.lang);
    after
}

/// What there is to say of a change; a repetition is none.
fn acts(before: &WebUser, after: &WebUser, change: &WebUserChange) -> Vec<(&'static str, String)> {
    let mut acts = Vec::new();
    if before.login != after.login {
        acts.push(("web_user.rename", after.login.clone()));
    }
    if change.password_hash.is_some() {
        acts.push(("web_user.password", String::new()));
    }
    if before.role != after.role {
        acts.push(("web_user.role", format!("{} -> {}", before.role.as_str(), after.role.as_str())));
    }
    match (before.enabled, after.enabled) {
        (true, false) => acts.push(("web_user.disable", String::new())),
        (false, true) => acts.push(("web_user.enable", String::new())),
        _ => {}
    }
    if before.sip_id != after.sip_id {
        let to = after.sip_id.map_or("nobody".to_owned(), |id| format!("node {id}"));
        acts.push(("web_user.sip_user", to));
    }
    for (action, before, after) in [
        ("web_user.webrtc_lib", &before.webrtc_lib, &after.webrtc_lib),
        ("web_user.ws", &before.ws, &after.ws),
        ("web_user.verto_ws", &before.verto_ws, &after.verto_ws),
        ("web_user.stun", &before.stun, &after.stun),
        ("web_user.locale", &before.locale, &after.locale),
    ] {
        if before != after {
            acts.push((action, after.clone()));
        }
    }
    match &change.avatar {
        Some(Some((format, content))) => {
            acts.push(("web_user.avatar", format!("{format}, {} bytes", content.len())));
        }
        Some(None) if !before.avatar_format.is_empty() => {
            acts.push(("web_user.avatar", "none".to_owned()));
        }
        _ => {}
    }
    acts
}
