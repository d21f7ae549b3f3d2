//! Web users: who may sign in here, and the sessions they get.

mod avatar;
mod password;
mod people;
pub mod scope;
mod session;
mod throttle;
mod token;

use custompbx_store::{Role, Store, WebUser};

use crate::Pbx;
use crate::config::random_text;
use crate::edit::By;
use crate::error::{Error, Result};

pub use avatar::{Avatar, LONGEST_AVATAR};
pub use people::{
    Accounts, Denied, LOCALES, SHORTEST_PASSWORD, Unsuitable, Wanted, check_password, may_change,
};
pub use scope::{Scope, Scopes, Section, Verb};
pub use session::{NotSignedIn, Purpose, SESSION_MS, Session, SignedIn, TOKEN_MS};
pub(crate) use throttle::Throttle;
pub use token::{NewToken, add_token, remove_token, tokens};

/// The login of the user that the first start makes.
pub const FIRST_LOGIN: &str = "admin";

/// All web users, by login.
///
/// # Errors
/// Those of the database.
pub async fn list(store: &Store) -> Result<Vec<WebUser>> {
    Ok(store.web_users().await?)
}

/// The web user with this login.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn by_login(store: &Store, login: &str) -> Result<WebUser> {
    let found = store.web_user_by_login(login).await?;
    found.ok_or_else(|| Error::NotFound { what: "web user", name: login.to_owned() })
}

/// Adds a web user, for what has nobody to answer for it: the first start.
///
/// # Errors
/// Those of [`Accounts::add`].
pub async fn add(store: &Store, login: &str, password: &str, role: Role, now_ms: i64) -> Result<()> {
    let by = By { actor: "custompbx".to_owned(), origin: "first start".to_owned() };
    Accounts::new(store, &by, now_ms).add(login, password, role).await.map(drop)
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
