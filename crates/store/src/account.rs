//! Web users, who log in here.
//!
//! Whatever takes a right from somebody is committed with [`Store::commit_account`], so that those who keep what they
//! looked up hear of it, in this process and in others.

use std::fmt;

use custompbx_model::NodeId;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::engine::{Row, Tx, is_taken};
use crate::error::{Error, Result};
use crate::{Operation, Store};

/// Identifies a web user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebUserId(pub i64);

impl fmt::Display for WebUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a web user may do, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but what concerns the server itself and its users.
    Manager,
    /// What concerns themselves.
    User,
    /// Nothing.
    Blocked,
}

impl Role {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::User => "user",
            Self::Blocked => "blocked",
        }
    }

    /// The opposite of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Manager, Self::User, Self::Blocked].into_iter().find(|role| role.as_str() == text)
    }
}

/// Somebody who can log in here; not a user of the directory.
#[derive(Clone, PartialEq, Eq)]
pub struct WebUser {
    /// Its id.
    pub id: WebUserId,
    /// No other has the same, in whatever case.
    pub login: String,
    /// As the caller gave it.
    pub password_hash: String,
    /// What it may do.
    pub role: Role,
    /// A disabled one has no sessions.
    pub enabled: bool,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub last_login_at: Option<i64>,
    /// The user of the directory who this is, if there still is one.
    pub sip_id: Option<NodeId>,
    /// The telephone in the browser: `sipjs` or `verto`.
    pub webrtc_lib: String,
    /// Where `sipjs` connects; may be empty.
    pub ws: String,
    /// Where `verto` connects; may be empty.
    pub verto_ws: String,
    /// Its STUN server; may be empty.
    pub stun: String,
    /// The language as older clients count them.
    pub lang: i64,
    /// The language: `en`, `pt-BR`.
    pub locale: String,
    /// The file extension of its picture ([`Store::avatar`]); empty without one.
    pub avatar_format: String,
}

impl fmt::Debug for WebUser {
    /// Without the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, login, role, enabled, .. } = self;
        write!(f, "WebUser({id} {login:?} {role:?} enabled={enabled})")
    }
}

/// What [`read_user`] reads; its row may have more columns behind them. A link to a user of the directory who is gone
/// is none, and is one again when an undo brings that user back.
macro_rules! user_columns {
    () => {
        "web_user.id, web_user.login, web_user.password_hash, web_user.role, web_user.enabled, \
         web_user.created_at, web_user.last_login_at, \
         (SELECT node.id FROM node WHERE node.id = web_user.sip_id), web_user.webrtc_lib, web_user.ws, \
         web_user.verto_ws, web_user.stun, web_user.lang, web_user.locale, web_user.avatar_format"
    };
}
pub(crate) use user_columns;

/// How many columns those are.
pub(crate) const USER_COLUMNS: usize = 15;

const ALL: &str = concat!("SELECT ", user_columns!(), " FROM web_user ORDER BY login_key");
const BY_LOGIN: &str = concat!("SELECT ", user_columns!(), " FROM web_user WHERE login_key = $1");
pub(crate) const BY_ID: &str = concat!("SELECT ", user_columns!(), " FROM web_user WHERE web_user.id = $1");

pub(crate) fn read_user(row: &Row) -> Result<WebUser> {
    let id = WebUserId(row.int(0)?);
    let role = row.text(3)?;
    let role = Role::parse(role).ok_or_else(|| Error::Corrupt {
        operation: Operation("read a web user".into()),
        table: "web_user",
        column: "role".into(),
        row: id.to_string(),
        source: format!("{role:?} is none").into(),
    })?;
    Ok(WebUser {
        id,
        login: row.text(1)?.to_owned(),
        password_hash: row.text(2)?.to_owned(),
        role,
        enabled: row.bool(4)?,
        created_at: row.int(5)?,
        last_login_at: row.optional_int(6)?,
        sip_id: row.optional_int(7)?.map(NodeId),
        webrtc_lib: row.text(8)?.to_owned(),
        ws: row.text(9)?.to_owned(),
        verto_ws: row.text(10)?.to_owned(),
        stun: row.text(11)?.to_owned(),
        lang: row.int(12)?,
        locale: row.text(13)?.to_owned(),
        avatar_format: row.text(14)?.to_owned(),
    })
}

/// Logins are the same when they differ in the case of their letters only.
pub(crate) fn login_key(login: &str) -> String {
    login.to_lowercase()
}

impl Store {
    /// All web users by login.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn web_users(&self) -> Result<Vec<WebUser>> {
        self.read("list the web users").await?.rows(ALL, &[], read_user).await
    }

    /// The web user with this login, in whatever case.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn web_user_by_login(&self, login: &str) -> Result<Option<WebUser>> {
        // PostgreSQL calls a zero byte an error; it is only a login that nobody has.
        if login.contains('\0') {
            return Ok(None);
        }
        let mut tx = self.read(format!("find web user {login:?}")).await?;
        tx.row(BY_LOGIN, &[login_key(login).into()]).await?.as_ref().map(read_user).transpose()
    }

    /// The web user with this id.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn web_user(&self, id: WebUserId) -> Result<Option<WebUser>> {
        let mut tx = self.read(format!("find web user {id}")).await?;
        tx.row(BY_ID, &[id.0.into()]).await?.as_ref().map(read_user).transpose()
    }

    /// A web user's picture, if it has one: the file extension and the content.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn avatar(&self, id: WebUserId) -> Result<Option<(String, Vec<u8>)>> {
        let mut tx = self.read(format!("read the picture of web user {id}")).await?;
        let sql = "SELECT avatar_format, avatar FROM web_user WHERE id = $1 AND avatar IS NOT NULL";
        let Some(row) = tx.row(sql, &[id.0.into()]).await? else { return Ok(None) };
        Ok(Some((row.text(0)?.to_owned(), row.bytes(1)?.to_vec())))
    }

    /// Gives a web user a picture, or takes it: the file extension and the content.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn set_avatar(&self, id: WebUserId, avatar: Option<(&str, &[u8])>) -> Result<()> {
        let mut tx = self.write(format!("change the picture of web user {id}")).await?;
        let sql = "UPDATE web_user SET avatar_format = $2, avatar = $3 WHERE id = $1";
        let format = avatar.map_or("", |(format, _)| format);
        let content = avatar.map(|(_, content)| content);
        let written = tx.execute(sql, &[id.0.into(), format.into(), content.into()]).await?;
        expect_one(&tx, written, id)?;
        tx.commit().await
    }

    /// Adds a web user, enabled.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the login is taken.
    pub async fn add_web_user(
        &self,
        login: &str,
        password_hash: &str,
        role: Role,
        now_ms: i64,
    ) -> Result<WebUserId> {
        let mut tx = self.write(format!("add web user {login:?}")).await?;
        let id = tx.next_ids("web_user", 1).await?;
        let sql = "INSERT INTO web_user (id, login, login_key, password_hash, role, enabled, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            id.into(),
            login.into(),
            login_key(login).into(),
            password_hash.into(),
            role.as_str().into(),
            true.into(),
            now_ms.into(),
        ];
        if let Err(error) = tx.execute(sql, &values).await {
            let operation = tx.operation();
            return Err(if is_taken(&error) {
                Error::Conflict { operation, what: "the login" }
            } else {
                error
            });
        }
        tx.commit().await?;
        Ok(WebUserId(id))
    }

    /// Changes the password, and ends all sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn set_password_hash(&self, id: WebUserId, password_hash: &str) -> Result<()> {
        let mut tx = self.write(format!("change the password of web user {id}")).await?;
        let sql = "UPDATE web_user SET password_hash = $2 WHERE id = $1";
        let written = tx.execute(sql, &[id.0.into(), password_hash.into()]).await?;
        expect_one(&tx, written, id)?;
        delete_sessions(&mut tx, id).await?;
        self.commit_account(tx).await
    }

    /// Enables or disables a web user; disabling ends all sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn set_web_user_enabled(&self, id: WebUserId, enabled: bool) -> Result<()> {
        let mut tx = self.write(format!("enable or disable web user {id}")).await?;
        let sql = "UPDATE web_user SET enabled = $2 WHERE id = $1";
        let written = tx.execute(sql, &[id.0.into(), enabled.into()]).await?;
        expect_one(&tx, written, id)?;
        if !enabled {
            delete_sessions(&mut tx, id).await?;
        }
        self.commit_account(tx).await
    }

    /// Gives a web user another role. Its sessions go on with it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn set_role(&self, id: WebUserId, role: Role) -> Result<()> {
        let mut tx = self.write(format!("change the role of web user {id}")).await?;
        let sql = "UPDATE web_user SET role = $2 WHERE id = $1";
        let written = tx.execute(sql, &[id.0.into(), role.as_str().into()]).await?;
        expect_one(&tx, written, id)?;
        self.commit_account(tx).await
    }

    /// Removes a web user, and ends its sessions.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn delete_web_user(&self, id: WebUserId) -> Result<()> {
        let mut tx = self.write(format!("remove web user {id}")).await?;
        let written = tx.execute("DELETE FROM web_user WHERE id = $1", &[id.0.into()]).await?;
        expect_one(&tx, written, id)?;
        self.commit_account(tx).await
    }

    /// Remembers when a web user logged in.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user.
    pub async fn touch_login(&self, id: WebUserId, now_ms: i64) -> Result<()> {
        let mut tx = self.write(format!("note a login of web user {id}")).await?;
        let sql = "UPDATE web_user SET last_login_at = $2 WHERE id = $1";
        let written = tx.execute(sql, &[id.0.into(), now_ms.into()]).await?;
        expect_one(&tx, written, id)?;
        tx.commit().await
    }

    /// Changes whenever somebody may no longer do what they could (a session or a web user is gone, a role is another
    /// one), by this process or another. Its value grows, and means nothing.
    pub fn accounts_signal(&self) -> watch::Receiver<i64> {
        self.0.signal.subscribe_accounts()
    }

    /// Makes a write last, and tells everybody that somebody may have lost a right by it.
    pub(crate) async fn commit_account(&self, mut tx: Tx) -> Result<()> {
        let change = tx.next_ids("account", 1).await?;
        tx.commit_account(change).await?;
        self.0.signal.accounts_changed(change);
        Ok(())
    }
}

pub(crate) async fn delete_sessions(tx: &mut Tx, user: WebUserId) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE user_id = $1", &[user.0.into()]).await
}

pub(crate) fn expect_one(tx: &Tx, written: u64, id: WebUserId) -> Result<()> {
    if written == 1 {
        return Ok(());
    }
    Err(Error::NotFound { operation: tx.operation(), what: "web user", id: id.to_string() })
}
