//! Web users: who may sign in here, and the sessions they get.

mod password;
pub mod scope;
mod session;
mod throttle;
mod token;

use custompbx_store::{Role, Store, WebUser};

use crate::Pbx;
use crate::config::random_text;
use crate::error::{Error, Result};

pub use scope::{Scope, Scopes, Section, Verb};
pub use session::{NotSignedIn, Purpose, SESSION_MS, Session, SignedIn, TOKEN_MS};
pub(crate) use throttle::Throttle;
pub use token::{NewToken, add_token, remove_token, tokens};

/// The login of the user that the first start makes.
pub const FIRST_LOGIN: &str = "admin";
/// How short a password may be.
pub const SHORTEST_PASSWORD: usize = 8;
/// argon2 reads all of it, so there is an end.
const LONGEST_PASSWORD: usize = 1024;
const LONGEST_LOGIN: usize = 100;

/// All web users, by login.
///
/// # Errors
/// Those of the database.
pub async fn list(store: &Store) -> Result<Vec<WebUser>> {
    Ok(store.web_users().await?)
}

/// Adds a web user.
///
/// # Errors
/// [`Error::Taken`], and [`Error::BadRequest`] for a login or password that cannot be.
pub async fn add(store: &Store, login: &str, password: &str, role: Role, now_ms: i64) -> Result<()> {
    let login = login.trim();
    if login.is_empty() || login.chars().count() > LONGEST_LOGIN || login.chars().any(char::is_control) {
        let reason = format!("a login has 1 to {LONGEST_LOGIN} characters and no control characters");
        return Err(Error::BadRequest(reason));
    }
    let hash = hash(password).await?;
    match store.add_web_user(login, &hash, role, now_ms).await {
        Ok(_) => Ok(()),
        Err(custompbx_store::Error::Conflict { .. }) => {
            Err(Error::Taken { what: "the web user", name: login.to_owned() })
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a web user another password, and ends its sessions.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::BadRequest`] for a password that cannot be.
pub async fn set_password(store: &Store, login: &str, password: &str) -> Result<()> {
    let user = by_login(store, login).await?;
    let hash = hash(password).await?;
    Ok(store.set_password_hash(user.id, &hash).await?)
}

/// Lets a web user in or keeps it out; its sessions end with that.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn set_enabled(store: &Store, login: &str, enabled: bool) -> Result<()> {
    let user = by_login(store, login).await?;
    Ok(store.set_web_user_enabled(user.id, enabled).await?)
}

async fn by_login(store: &Store, login: &str) -> Result<WebUser> {
    let found = store.web_user_by_login(login).await?;
    found.ok_or_else(|| Error::NotFound { what: "web user", name: login.to_owned() })
}

async fn hash(password: &str) -> Result<String> {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD || password.len() > LONGEST_PASSWORD {
        let reason = format!("a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters");
        return Err(Error::BadRequest(reason));
    }
    password::hash(password.to_owned()).await
}

impl Pbx {
    /// Makes the first web user, if there is none: an admin with the given password, or a made-up one, which is
    /// returned so that it can be shown once.
    ///
    /// # Errors
    /// Those of [`add`].
    pub async fn make_first_user(&self, password: Option<&str>) -> Result<Option<String>> {
        let store = self.store()?;
        if !store.web_users().await?.is_empty() {
            return Ok(None);
        }
        let made_up = random_text(16);
        match add(&store, FIRST_LOGIN, password.unwrap_or(&made_up), Role::Admin, self.now()).await {
            Ok(()) => Ok(password.is_none().then_some(made_up)),
            // Another node on the same database was quicker.
            Err(Error::Taken { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
