//! Those who sign in.

use std::sync::atomic::{AtomicU32, Ordering};

use custompbx_pbx::By;
use custompbx_pbx::account::{self, Accounts, Wanted};
use custompbx_store::Role;
use serde_json::json;

use super::{Reply, TestPbx};

/// The password of everybody in tests.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The login.
    pub login: String,
    /// What the cookie holds.
    pub token: String,
}

impl SignedIn {
    /// The value of the header `Cookie`.
    pub fn cookie(&self) -> String {
        format!("custompbx_session={}", self.token)
    }

    /// The value of the header `Authorization`.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

impl TestPbx {
    /// Adds a web user with [`PASSWORD`]; its login.
    pub async fn add_web_user(&self, role: Role) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let login = format!("{}-{}", role.as_str(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let store = self.pbx.store().expect("the database is there");
        account::add(&store, &login, PASSWORD, role, self.pbx.now()).await.expect("a new web user");
        login
    }

    /// Changes a web user, as somebody at the command line would.
    pub async fn change_web_user(&self, login: &str, wanted: Wanted) {
        let store = self.pbx.store().expect("the database is there");
        let by = By { actor: "somebody (command line)".to_owned(), origin: "command line".to_owned() };
        let id = account::by_login(&store, login).await.expect("a web user").id;
        let changed = Accounts::new(&store, &by, self.pbx.now()).change(id, wanted, None).await;
        changed.unwrap_or_else(|error| panic!("{}", error.chain()));
    }

    /// Enables or disables a web user.
    pub async fn set_enabled(&self, login: &str, enabled: bool) {
        self.change_web_user(login, Wanted { enabled: Some(enabled), ..Wanted::default() }).await;
    }

    /// Gives a web user another password.
    pub async fn set_password(&self, login: &str, password: &str) {
        self.change_web_user(login, Wanted { password: Some(password.to_owned()), ..Wanted::default() })
            .await;
    }

    /// Gives a web user another role.
    pub async fn set_role(&self, login: &str, role: Role) {
        self.change_web_user(login, Wanted { role: Some(role), ..Wanted::default() }).await;
    }

    /// Tries to sign in.
    pub async fn sign_in(&self, login: &str, password: &str) -> Reply {
        let body = json!({ "login": login, "password": password }).to_string();
        self.http("POST", "/api/v2/session", &[("Content-Type", "application/json")], body.as_bytes()).await
    }

    /// Signs in somebody new with this role.
    pub async fn sign_in_as(&self, role: Role) -> SignedIn {
        let login = self.add_web_user(role).await;
        let reply = self.sign_in(&login, PASSWORD).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        SignedIn { login, token: token(&reply) }
    }

    /// GET by somebody who is signed in.
    pub async fn get_as(&self, who: &SignedIn, path: &str) -> Reply {
        self.http("GET", path, &[("Cookie", &who.cookie())], b"").await
    }
}

/// The token in a reply's cookie.
fn token(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").expect("a cookie");
    let value = cookie.split(';').next().and_then(|pair| pair.split_once('='));
    value.expect("a cookie has a value").1.to_owned()
}
