//! Signing in, and who is signed in.

use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use custompbx_store::{Role, WebUser};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

use super::password;
use crate::Pbx;
use crate::error::{Error, Result};

/// How long a session lasts without being used, in milliseconds.
pub const SESSION_MS: i64 = 24 * 60 * 60 * 1000;
/// How often its use is written down.
const TOUCH_MS: i64 = 60_000;

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// What the client has to show from now on; only its hash is stored.
    pub token: String,
    /// Who it is.
    pub user: WebUser,
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
        store.touch_login(user.id, now).await?;
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
            store.touch_session(&hash, now, now + SESSION_MS).await?;
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
