//! Sessions and tokens: rights to act as a web user for some time.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::{USER_COLUMNS, delete_sessions, expect_one, read_user, user_columns};
use crate::audit::{Act, note};
use crate::edit::Author;
use crate::engine::{Row, Tx, Value, composed};
use crate::error::Result;
use crate::{Store, WebUser, WebUserId};

/// Identifies a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub i64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A session, or a token: a right to act as a web user for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: WebUser,
    /// What it is for: `gui` or `api`.
    pub purpose: String,
    /// What it may be used for, with blanks between; `None`: for all that its user may.
    pub scopes: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// From then on it is none.
    pub expires_at: i64,
    /// Milliseconds since 1970; `None` until it is used.
    pub last_used_at: Option<i64>,
}

/// A session to be.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The hash of its token. The token itself is never stored.
    pub token_hash: &'a str,
    /// Whose.
    pub user: WebUserId,
    /// What it is for: `gui` or `api`.
    pub purpose: &'a str,
    /// What it may be used for, with blanks between; `None`: for all that its user may.
    pub scopes: Option<&'a str>,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    /// From then on it is none.
    pub expires_at: i64,
    /// Who makes a token for a program; `None` for who signs in. It is written down.
    pub author: Option<&'a Author>,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            user_columns!(),
            ", session.id, purpose, scopes, session.created_at, expires_at, last_used_at ",
            "FROM session JOIN web_user ON web_user.id = session.user_id WHERE ",
            $condition
        )
    };
}

const BY_TOKEN: &str = select!("token_hash = $1 AND expires_at > $2 AND enabled");
const OF_USER: &str = select!("user_id = $1 AND expires_at > $2 ORDER BY session.id");
const BY_ID: &str = select!("session.id = $1 AND expires_at > $2");

fn read(row: &Row) -> Result<Session> {
    Ok(Session {
        user: read_user(row)?,
        id: SessionId(row.int(USER_COLUMNS)?),
        purpose: row.text(USER_COLUMNS + 1)?.to_owned(),
        scopes: row.optional_text(USER_COLUMNS + 2)?.map(str::to_owned),
        created_at: row.int(USER_COLUMNS + 3)?,
        expires_at: row.int(USER_COLUMNS + 4)?,
        last_used_at: row.optional_int(USER_COLUMNS + 5)?,
    })
}

impl Store {
    /// Begins a session.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is no such web user, or it is disabled.
    pub async fn add_session(&self, new: NewSession<'_>) -> Result<SessionId> {
        let mut tx = self.write(format!("begin a session of web user {}", new.user)).await?;
        let id = tx.next_ids("session", 1).await?;
        let sql = "INSERT INTO session (token_hash, id, user_id, purpose, scopes, created_at, expires_at) \
                   SELECT $1, $2, id, $4, $5, $6, $7 FROM web_user WHERE id = $3 AND enabled";
        let values = [
            new.token_hash.into(),
            id.into(),
            new.user.0.into(),
            new.purpose.into(),
            new.scopes.into(),
            new.now_ms.into(),
            new.expires_at.into(),
        ];
        let written = tx.execute(sql, &values).await?;
        expect_one(&tx, written, new.user)?;
        if let Some(author) = new.author {
            let detail = format!("{id}: {}", new.scopes.unwrap_or("all"));
            note_token(&mut tx, author, "token.add", new.user, &detail).await?;
        }
        tx.commit().await?;
        Ok(SessionId(id))
    }

    /// The session of this token, if it has not expired and its web user is enabled.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn session(&self, token_hash: &str, now_ms: i64) -> Result<Option<Session>> {
        let mut tx = self.read("find a session").await?;
        tx.row(BY_TOKEN, &[token_hash.into(), now_ms.into()]).await?.as_ref().map(read).transpose()
    }

    /// The session with this id, if it has not expired, whether or not its web user is enabled.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn session_by_id(&self, id: SessionId, now_ms: i64) -> Result<Option<Session>> {
        let mut tx = self.read(format!("find session {id}")).await?;
        tx.row(BY_ID, &[id.0.into(), now_ms.into()]).await?.as_ref().map(read).transpose()
    }

    /// The sessions of a web user that have not expired, oldest first.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn sessions_of(&self, user: WebUserId, now_ms: i64) -> Result<Vec<Session>> {
        let mut tx = self.read(format!("list the sessions of web user {user}")).await?;
        tx.rows(OF_USER, &[user.0.into(), now_ms.into()], read).await
    }

    /// Those of these sessions that have not expired and whose web user is enabled.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn sessions_among(&self, ids: &[SessionId], now_ms: i64) -> Result<Vec<Session>> {
        let mut tx = self.read("look which sessions are left").await?;
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let condition = tx.among("session.id", "$1");
        let sql = format!("{} AND {condition}", select!("expires_at > $2 AND enabled"));
        tx.rows(composed(sql), &[Value::Ids(ids.into()), now_ms.into()], read).await
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

    /// Ends the session of this token; whether there was one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_session(&self, token_hash: &str) -> Result<bool> {
        let mut tx = self.write("end a session").await?;
        let deleted = tx.execute("DELETE FROM session WHERE token_hash = $1", &[token_hash.into()]).await?;
        self.commit_account(tx).await?;
        Ok(deleted > 0)
    }

    /// Ends the session with this id, and writes down who did it; whether there was one.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_session_by_id(&self, id: SessionId, author: &Author) -> Result<bool> {
        let mut tx = self.write(format!("end session {id}")).await?;
        let sql = "DELETE FROM session WHERE id = $1 RETURNING user_id";
        let Some(row) = tx.row(sql, &[id.0.into()]).await? else { return Ok(false) };
        let user = WebUserId(row.int(0)?);
        note_token(&mut tx, author, "token.end", user, &id.to_string()).await?;
        self.commit_account(tx).await?;
        Ok(true)
    }

    /// Ends all sessions of a web user; how many there were.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn delete_sessions_of(&self, user: WebUserId) -> Result<u64> {
        let mut tx = self.write(format!("end the sessions of web user {user}")).await?;
        let deleted = delete_sessions(&mut tx, user).await?;
        self.commit_account(tx).await?;
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

async fn note_token(tx: &mut Tx, author: &Author, action: &str, user: WebUserId, detail: &str) -> Result<()> {
    let row = tx.row("SELECT login FROM web_user WHERE id = $1", &[user.0.into()]).await?;
    let login = row.as_ref().map_or(Ok(""), |row| row.text(0))?;
    note(tx, author, Act { action, target: login, detail }).await
}
