//! Web users, who log in here, and their sessions.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}

impl fmt::Debug for WebUser {
    /// Without the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, login, role, enabled, .. } = self;
        write!(f, "WebUser({id} {login:?} {role:?} enabled={enabled})")
    }
}

/// A session, or a token: a right to act as a web user for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub user: WebUser,
    /// What it is for.
    pub purpose: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// From then on it is none.
    pub expires_at: i64,
    /// Milliseconds since 1970.
    pub last_used_at: i64,
}

macro_rules! user_columns {
    () => {
        "web_user.id, web_user.login, web_user.password_hash, web_user.role, web_user.enabled, \
         web_user.created_at, web_user.last_login_at"
    };
}

const ALL: &str = concat!("SELECT ", user_columns!(), " FROM web_user ORDER BY login_key");
const BY_LOGIN: &str = concat!("SELECT ", user_columns!(), " FROM web_user WHERE login_key = $1");
const FIND_SESSION: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", purpose, session.created_at, expires_at, last_used_at ",
    "FROM session JOIN web_user ON web_user.id = session.user_id ",
    "WHERE token_hash = $1 AND expires_at > $2 AND enabled"
);

fn read_user(row: &Row) -> Result<WebUser> {
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
    })
}

/// Logins are the same when they differ in the case of their letters only.
fn login_key(login: &str) -> String {
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
        tx.commit().await
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
        tx.commit().await
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
        tx.commit().await
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

    /// Begins a session. The token itself is never stored.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such web user, or it is disabled.
    pub async fn add_session(
        &self,
        token_hash: &str,
        user: WebUserId,
        purpose: &str,
        now_ms: i64,
        expires_at: i64,
    ) -> Result<()> {
        let mut tx = self.write(format!("begin a session of web user {user}")).await?;
        let sql = "INSERT INTO session (token_hash, user_id, purpose, created_at, expires_at, last_used_at) \
                   SELECT $1, id, $3, $4, $5, $4 FROM web_user WHERE id = $2 AND enabled";
        let values = [token_hash.into(), user.0.into(), purpose.into(), now_ms.into(), expires_at.into()];
        let written = tx.execute(sql, &values).await?;
        expect_one(&tx, written, user)?;
        tx.commit().await
    }

    /// The session of this token, if it has not expired and its web user is enabled.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn session(&self, token_hash: &str, now_ms: i64) -> Result<Option<Session>> {
        let mut tx = self.read("find a session").await?;
        let Some(row) = tx.row(FIND_SESSION, &[token_hash.into(), now_ms.into()]).await? else {
            return Ok(None);
        };
        Ok(Some(Session {
            user: read_user(&row)?,
            purpose: row.text(7)?.to_owned(),
            created_at: row.int(8)?,
            expires_at: row.int(9)?,
            last_used_at: row.int(10)?,
        }))
    }

    /// Remembers that a session was used, and until when it lasts now. Nothing happens when it is gone.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn touch_session(&self, token_hash: &str, now_ms: i64, expires_at: i64) -> Result<()> {
        let mut tx = self.write("note the use of a session").await?;
        let sql = "UPDATE session SET last_used_at = $2, expires_at = $3 WHERE token_hash = $1";
        tx.execute(sql, &[token_hash.into(), now_ms.into(), expires_at.into()]).await?;
        tx.commit().await
    }

    /// Ends a session; whether there was one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_session(&self, token_hash: &str) -> Result<bool> {
        let mut tx = self.write("end a session").await?;
        let deleted = tx.execute("DELETE FROM session WHERE token_hash = $1", &[token_hash.into()]).await?;
        tx.commit().await?;
        Ok(deleted > 0)
    }

    /// Ends all sessions of a web user; how many there were.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_sessions_of(&self, user: WebUserId) -> Result<u64> {
        let mut tx = self.write(format!("end the sessions of web user {user}")).await?;
        let deleted = delete_sessions(&mut tx, user).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    /// Forgets the sessions that have expired; how many there were.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_expired_sessions(&self, now_ms: i64) -> Result<u64> {
        let mut tx = self.write("forget expired sessions").await?;
        let deleted = tx.execute("DELETE FROM session WHERE expires_at <= $1", &[now_ms.into()]).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}

async fn delete_sessions(tx: &mut Tx, user: WebUserId) -> Result<u64> {
    tx.execute("DELETE FROM session WHERE user_id = $1", &[user.0.into()]).await
}

fn expect_one(tx: &Tx, written: u64, id: WebUserId) -> Result<()> {
    if written == 1 {
        return Ok(());
    }
    Err(Error::NotFound { operation: tx.operation(), what: "web user", id: id.to_string() })
}
