//! Signing in, and who is signed in.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use custompbx_store::{self as store, Author, NewSession, Role, SessionId, Store, WebUser, WebUserId};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::password;
use super::scope::{Scope, Scopes};
use crate::Pbx;
use crate::error::{Error, Result, chain};

/// How long a session lasts without being used, in milliseconds.
pub const SESSION_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a token of a program lasts, used or not, in milliseconds.
pub const TOKEN_MS: i64 = 90 * SESSION_MS;
/// How often its use is written down.
const TOUCH_MS: i64 = 60_000;
/// How long a request waits for that.
const TOUCH_PATIENCE: Duration = Duration::from_secs(1);

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A person: it lasts as long as it is used.
    Gui,
    /// A program: it lasts for [`TOKEN_MS`].
    Api,
}

impl Purpose {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gui => "gui",
            Self::Api => "api",
        }
    }

    fn lasts_ms(self) -> i64 {
        match self {
            Self::Gui => SESSION_MS,
            Self::Api => TOKEN_MS,
        }
    }
}

/// The right to act as a web user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who has it.
    pub user: WebUser,
    /// What it is for.
    pub purpose: Purpose,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// From then on it is none.
    pub expires_at: i64,
    /// Milliseconds since 1970; `None` until it is used.
    pub last_used_at: Option<i64>,
}

impl From<store::Session> for Session {
    fn from(session: store::Session) -> Self {
        Self {
            id: session.id,
            user: session.user,
            purpose: if session.purpose == Purpose::Api.as_str() { Purpose::Api } else { Purpose::Gui },
            scopes: Scopes::stored(session.scopes.as_deref()),
            created_at: session.created_at,
            expires_at: session.expires_at,
            last_used_at: session.last_used_at,
        }
    }
}

impl Session {
    /// Whether its scopes are enough for something.
    pub fn allows(&self, needed: Scope) -> bool {
        self.scopes.allow(needed)
    }
}

/// A new session.
pub struct SignedIn {
    /// What the client has to show from now on; only its hash is stored.
    pub token: String,
    /// What it is, and whose.
    pub session: Session,
}

impl fmt::Debug for SignedIn {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedIn({:?})", self.session.user)
    }
}

impl Pbx {
    /// Signs a web user in.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] for an unknown login, a wrong password, and somebody who may not come in, all
    /// after the same time; [`Error::TooManyTries`].
    pub async fn sign_in(&self, login: &str, password: &str, address: IpAddr) -> Result<SignedIn> {
        self.try_sign_in(login, password, address).await?.map_err(|_| Error::WrongCredentials)
    }

    /// [`Pbx::sign_in`] for a transport whose documentation tells an unknown login from a wrong password. Whoever may
    /// not come in has a wrong password.
    ///
    /// # Errors
    /// [`Error::TooManyTries`], and those of the database.
    pub async fn try_sign_in(
        &self,
        login: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<std::result::Result<SignedIn, NotSignedIn>> {
        let store = self.store()?;
        let now = self.now();
        self.0.throttle.take(login, address, now)?;
        let user = store.web_user_by_login(login.trim()).await?;
        let refused = if user.is_some() { NotSignedIn::Wrong } else { NotSignedIn::Unknown };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = password::verify(password.to_owned(), hash).await?;
        let user = user.filter(|user| right && user.enabled && user.role != Role::Blocked);
        let Some(user) = user else {
            tracing::info!(%address, "sign-in refused");
            return Ok(Err(refused));
        };
        self.0.throttle.forgive(login, address);
        let (token, id) = match begin(&store, user.id, Purpose::Gui, &Scopes::ALL, None, now).await {
            Ok(begun) => begun,
            // Disabled or removed while the password was compared.
            Err(Error::NotFound { .. }) => return Ok(Err(refused)),
            Err(error) => return Err(error),
        };
        // Only for people to look at.
        if let Err(error) = store.touch_login(user.id, now).await {
            tracing::warn!(error = chain(&error), "the time of a sign-in was not noted");
        }
        tracing::info!(user = user.login, %address, "signed in");
        let session = Session {
            id,
            user,
            purpose: Purpose::Gui,
            scopes: Scopes::ALL,
            created_at: now,
            expires_at: now + SESSION_MS,
            last_used_at: None,
        };
        Ok(Ok(SignedIn { token, session }))
    }

    /// Whose this token is, and what it may be used for.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for one that is unknown, expired, or of somebody who may no longer come in.
    pub async fn signed_in(&self, token: &str) -> Result<Session> {
        let store = self.store()?;
        let (hash, now) = (hash_token(token), self.now());
        let session = Session::from(store.session(&hash, now).await?.ok_or(Error::NotSignedIn)?);
        if session.user.role == Role::Blocked {
            return Err(Error::NotSignedIn);
        }
        if session.last_used_at.is_none_or(|at| now - at > TOUCH_MS) {
            let expires_at = match session.purpose {
                Purpose::Gui => now + SESSION_MS,
                Purpose::Api => session.expires_at,
            };
            // The next request tries again; this one goes on, also while an import keeps the database busy.
            match timeout(TOUCH_PATIENCE, store.touch_session(&hash, now, expires_at)).await {
                Ok(Ok(())) => return Ok(Session { last_used_at: Some(now), expires_at, ..session }),
                Ok(Err(error)) => {
                    tracing::debug!(error = chain(&error), "the use of a session was not noted");
                }
                Err(_) => tracing::debug!("the use of a session was not noted: the database is busy"),
            }
        }
        Ok(session)
    }

    /// Ends a session; one that is none is ended already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        self.store()?.delete_session(&hash_token(token)).await?;
        Ok(())
    }

    /// Forgets the sessions that have expired. Nothing depends on it but the size of the database.
    pub(crate) async fn forget_old_sessions(&self) {
        let Ok(store) = self.store() else { return };
        match store.delete_expired_sessions(self.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "forgot expired sessions"),
            Err(error) => tracing::warn!(error = chain(&error), "expired sessions were not forgotten"),
        }
    }
}

/// Why somebody was not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSignedIn {
    /// Nobody has this login.
    Unknown,
    /// The password is another one, or whoever it is may not come in.
    Wrong,
}

/// Begins a session; its token and its id.
pub(super) async fn begin(
    store: &Store,
    user: WebUserId,
    purpose: Purpose,
    scopes: &Scopes,
    author: Option<&Author>,
    now_ms: i64,
) -> Result<(String, SessionId)> {
    let token = new_token();
    let (token_hash, scopes) = (hash_token(&token), scopes.to_stored());
    let new = NewSession {
        token_hash: &token_hash,
        user,
        purpose: purpose.as_str(),
        scopes: scopes.as_deref(),
        now_ms,
        expires_at: now_ms + purpose.lasts_ms(),
        author,
    };
    let id = store.add_session(new).await?;
    Ok((token, id))
}

/// 256 random bits.
fn new_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill(&mut bytes);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// A token is random, so a plain hash is enough to make a stolen database useless.
fn hash_token(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
