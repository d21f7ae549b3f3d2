//! Signing in and out.

use custompbx_pbx::Error;
use custompbx_pbx::account::NotSignedIn;
use serde_json::{Map, Value};

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Refusal, Reply};
use crate::messages::web_user;

const UNKNOWN_USER: Refusal = Refusal::new("unknown_user", "Unknown user");
const WRONG_LOGIN: Refusal = Refusal::new("wrong_login", "Wrong Login");
const NO_TOKEN_SET: Refusal = Refusal::new("cant_set_token", "Cant set token");
const NO_TOKEN_DELETED: Refusal = Refusal::new("cant_delete_token", "Cant delete token");

/// What a message is about, whatever it is called: the documentation shows `login` with a token where `relogin` is
/// meant, and answers it as that.
pub(crate) fn meant<'n>(name: &'n str, data: &Map<String, Value>) -> &'n str {
    if name == "login" && data.contains_key("token") && !data.contains_key("password") {
        "relogin"
    } else {
        name
    }
}

/// Opens a session for a login and a password. The connection is bound to that user from here on.
pub(crate) async fn login(asked: Asked<'_>) -> Outcome {
    let login = asked.data.needed("login")?;
    let password = asked.data.raw("password").ok_or(Refusal::EMPTY_DATA)?;
    let signed_in = match asked.app.pbx().try_sign_in(login, password, asked.origin.address).await {
        Ok(Ok(signed_in)) => signed_in,
        Ok(Err(NotSignedIn::Unknown)) => return Err(UNKNOWN_USER.into()),
        Ok(Err(NotSignedIn::Wrong)) => return Err(WRONG_LOGIN.into()),
        Err(error @ (Error::Store(_) | Error::Full(_))) => {
            tracing::error!(error = error.chain(), "a session could not be opened");
            return Err(NO_TOKEN_SET.into());
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(peer) = asked.origin.peer {
        peer.rebind(&signed_in.session, &signed_in.token);
    }
    let user = web_user::object(&signed_in.session.user);
    Ok(Reply::empty().with("token", signed_in.token).with("user", user))
}

/// Says who has the token, for a client that comes back.
pub(crate) async fn relogin(asked: Asked<'_>) -> Outcome {
    let caller = asked.caller()?;
    let user = web_user::object(&caller.session.user);
    Ok(Reply::empty().with("token", caller.token.as_str()).with("user", user))
}

/// Ends the session that was shown, and all that the connection subscribed to.
pub(crate) async fn logout(asked: Asked<'_>) -> Outcome {
    match asked.app.pbx().sign_out(&asked.caller()?.token).await {
        Ok(()) => {}
        Err(error @ (Error::Store(_) | Error::Full(_))) => {
            tracing::error!(error = error.chain(), "a session could not be ended");
            return Err(NO_TOKEN_DELETED.into());
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(peer) = asked.origin.peer {
        peer.release();
    }
    Ok(Reply::empty())
}
