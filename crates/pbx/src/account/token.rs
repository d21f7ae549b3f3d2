//! Tokens: sessions of programs, which somebody makes, lists and ends.

use custompbx_store::{Role, SessionId, Store, WebUser, WebUserId};

use super::scope::Scopes;
use super::session::{Purpose, Session, begin};
use crate::Pbx;
use crate::edit::By;
use crate::error::{Error, Result};

/// Tokens of programs that a web user may have at once.
const MOST_TOKENS: usize = 1_000;

/// A token that was just made.
pub struct NewToken {
    /// What a program has to show; only its hash is stored.
    pub token: String,
    /// What it is.
    pub session: Session,
}

impl std::fmt::Debug for NewToken {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewToken({} {:?})", self.session.id, self.session.user)
    }
}

/// Makes a token for programs.
///
/// # Errors
/// [`Error::NotFound`] for a web user who is not there or is disabled, [`Error::TooMany`].
pub async fn add_token(
    store: &Store,
    user: WebUserId,
    scopes: &Scopes,
    by: &By,
    now_ms: i64,
) -> Result<NewToken> {
    let there = store.sessions_of(user, now_ms).await?;
    if there.iter().filter(|session| session.purpose == Purpose::Api.as_str()).count() >= MOST_TOKENS {
        return Err(Error::TooMany { what: "tokens", most: MOST_TOKENS });
    }
    let (token, id) = begin(store, user, Purpose::Api, scopes, Some(&by.author(now_ms)), now_ms).await?;
    let session = store.session_by_id(id, now_ms).await?.ok_or_else(|| missing(id))?;
    Ok(NewToken { token, session: session.into() })
}

/// All sessions of a web user, those of people too, oldest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn tokens(store: &Store, user: WebUserId, now_ms: i64) -> Result<Vec<Session>> {
    if store.web_user(user).await?.is_none() {
        return Err(Error::NotFound { what: "web user", name: user.to_string() });
    }
    Ok(store.sessions_of(user, now_ms).await?.into_iter().map(Session::from).collect())
}

/// Ends a session; whose it was.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove_token(store: &Store, id: SessionId, by: &By, now_ms: i64) -> Result<WebUser> {
    let found = store.session_by_id(id, now_ms).await?;
    let deleted = store.delete_session_by_id(id, &by.author(now_ms)).await?;
    match found {
        Some(session) if deleted => Ok(session.user),
        _ => Err(missing(id)),
    }
}

fn missing(id: SessionId) -> Error {
    Error::NotFound { what: "token", name: id.to_string() }
}

/// Tokens, by somebody who may or may not: everybody has their own, and an admin those of all. `origin` is the way by
/// which they come.
impl Pbx {
    /// [`add_token`].
    ///
    /// # Errors
    /// [`Error::Forbidden`] for somebody else's, [`Error::OutOfScope`] for more than the asking session has.
    pub async fn add_token_by(
        &self,
        by: &Session,
        origin: &str,
        user: WebUserId,
        scopes: &Scopes,
    ) -> Result<NewToken> {
        may(by, user)?;
        if !by.scopes.cover(scopes) {
            let needed =
                scopes.texts().map_or_else(|| "a token without scopes".to_owned(), |all| all.join(" "));
            return Err(Error::OutOfScope { needed });
        }
        add_token(&self.store()?, user, scopes, &named(by, origin), self.now()).await
    }

    /// [`tokens`].
    ///
    /// # Errors
    /// [`Error::Forbidden`] for somebody else's.
    pub async fn tokens_by(&self, by: &Session, user: WebUserId) -> Result<Vec<Session>> {
        may(by, user)?;
        tokens(&self.store()?, user, self.now()).await
    }

    /// [`remove_token`]. `of` says whose it has to be.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn remove_token_by(
        &self,
        by: &Session,
        origin: &str,
        of: Option<WebUserId>,
        id: SessionId,
    ) -> Result<WebUser> {
        let store = self.store()?;
        let found = store.session_by_id(id, self.now()).await?.ok_or_else(|| missing(id))?;
        if of.is_some_and(|of| of != found.user.id) || may(by, found.user.id).is_err() {
            return Err(missing(id));
        }
        remove_token(&store, id, &named(by, origin), self.now()).await
    }

    /// Which of these sessions still are ones. Nobody is told apart here from somebody who was never there.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sessions_left(&self, ids: &[SessionId]) -> Result<Vec<Session>> {
        let left = self.store()?.sessions_among(ids, self.now()).await?;
        Ok(left.into_iter().map(Session::from).filter(|left| left.user.role != Role::Blocked).collect())
    }
}

fn named(by: &Session, origin: &str) -> By {
    By { actor: by.user.login.clone(), origin: origin.to_owned() }
}

fn may(by: &Session, user: WebUserId) -> Result<()> {
    if by.user.id == user || by.user.role == Role::Admin {
        return Ok(());
    }
    Err(Error::Forbidden { needed: Role::Admin.as_str() })
}
