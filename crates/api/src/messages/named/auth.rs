//! Signing in and out.

use crate::messages::dispatch::Asked;
use crate::messages::reply::{Outcome, Reply};

/// Says who has the token, for a client that comes back.
pub(crate) async fn relogin(asked: Asked<'_>) -> Outcome {
    let caller = asked.caller()?;
    Ok(Reply::empty().with("token", caller.token.as_str()))
}
