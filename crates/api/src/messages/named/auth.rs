//! Signing in and out.

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Reply};
use crate::messages::web_user;

/// Says who has the token, for a client that comes back.
pub(crate) async fn relogin(asked: Asked<'_>) -> Outcome {
    let caller = asked.caller()?;
    let user = web_user::object(&caller.session.user);
    Ok(Reply::empty().with("token", caller.token.as_str()).with("user", user))
}
