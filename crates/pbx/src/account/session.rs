//! Signing in, and who is signed in.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use custompbx_store::{Role, WebUser};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::password;
use crate::Pbx;
use crate::error::{Error, Result, chain};

/// How long a session lasts without being used, in milliseconds.
pub const SESSION_MS: i64 = 24 * 60 * 60 * 1000;
/// How often its use is written down.
const TOUCH_MS: i64 = 60_000;
/// How long a request waits for that.
const TOUCH_PATIENCE: Duration = Duration::from_secs(1);

/// A new session.
pub struct SignedIn {
    /// What the client has to show from now on; only its hash is stored.
    pub token: String,
    /// Who it is.
    pub user: WebUser,
}

impl fmt::Debug for SignedIn {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedIn({:?})", self.user)
    }
}

impl Pbx {
    /// Signs a web user in.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`] for an unknown login, a wrong password, and somebody who may not come in, all
    /// after the same time; [`Error::TooManyTries`].
    pub async fn sign_in(&self, login: &str, password: &str, address: IpAddr) -> Result<SignedIn> {
        let store = self.store()?;
        let now = self.now();
        self.0.throttle.take(login, address, now)?;
        let user = store.web_user_by_login(login.trim()).await?;
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let right = password::verify(password.to_owned(), hash).await?;
        let user = user.filter(|user| right && user.enabled && user.role != Role::Blocked);
        let Some(user) = user else {
            tracing::info!(%address, "sign-in refused");
            return Err(Error::WrongCredentials);
        };
        self.0.throttle.forgive(login, address);
        let token = new_token();
        store.add_session(&hash_token(&token), user.id, "gui", now, now + SESSION_MS).await?;
        // Only for people to look at.
        if let Err(error) = store.touch_login(user.id, now).await {
            tracing::warn!(error = chain(&error), "the time of a sign-in was not noted");
        }
        tracing::info!(user = user.login, %address, "signed in");
        Ok(SignedIn { token, user })
    }

    /// Who has this token.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for one that is unknown, expired, or of somebody who may no longer come in.
    pub async fn signed_in(&self, token: &str) -> Result<WebUser> {
        let store = self.store()?;
        let (hash, now) = (hash_token(token), self.now());
        let session = store.session(&hash, now).await?.ok_or(Error::NotSignedIn)?;
        if session.user.role == Role::Blocked {
            return Err(Error::NotSignedIn);
        }
        if now - session.last_used_at > TOUCH_MS {
            // The next request tries again; this one goes on, also while an import keeps the database busy.
            match timeout(TOUCH_PATIENCE, store.touch_session(&hash, now, now + SESSION_MS)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(error = chain(&error), "the use of a session was not noted");
                }
                Err(_) => tracing::debug!("the use of a session was not noted: the database is busy"),
            }
        }
        Ok(session.user)
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
