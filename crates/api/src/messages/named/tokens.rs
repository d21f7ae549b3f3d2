//! Tokens: one's own, and for admins those of others.

use custompbx_pbx::Error;
use custompbx_pbx::account::{Scopes, Session};
use custompbx_store::{SessionId, WebUserId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::messages::dispatch::Asked;
use crate::messages::fields::Fields;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};

const USER_NOT_FOUND: Refusal = Refusal::new("not_found", "user not found");

/// Makes a token for programs. Its text is in this answer only.
pub(crate) async fn add(asked: Asked<'_>) -> Outcome {
    let by = &asked.caller()?.session;
    let user = WebUserId(asked.data.id("id")?);
    let scopes = scopes(asked.data)?;
    let made = asked.app.pbx().add_token_by(by, "api", user, &scopes).await.map_err(refused)?;
    let list = vec![object(&made.session, Some(&made.token))];
    Ok(Reply::empty().with("tokens_list", list).with("id", user.0))
}

/// Lists the tokens of a web user.
pub(crate) async fn list(asked: Asked<'_>) -> Outcome {
    let user = WebUserId(asked.data.id("id")?);
    all_of(&asked, user).await
}

/// Lists one's own, under the name of the message that lists anybody's, as it is documented.
pub(crate) async fn own(asked: Asked<'_>) -> Outcome {
    let user = asked.caller()?.session.user.id;
    Ok(all_of(&asked, user).await?.called("GetUserTokens"))
}

async fn all_of(asked: &Asked<'_>, user: WebUserId) -> Outcome {
    let by = &asked.caller()?.session;
    let tokens = asked.app.pbx().tokens_by(by, user).await.map_err(refused)?;
    let list: Vec<Value> = tokens.iter().map(|session| object(session, None)).collect();
    Ok(Reply::empty().with("tokens_list", list).with("id", user.0))
}

/// Ends a token. The answer has both of the forms that are known: the request again, and whose token it was.
pub(crate) async fn remove(asked: Asked<'_>) -> Outcome {
    let caller = asked.caller()?;
    let id = SessionId(asked.data.id("id")?);
    let user =
        asked.app.pbx().remove_token_by(&caller.session, "api", None, id).await.map_err(
            |error| match error {
                Error::NotFound { .. } => Refusal::WRONG_ID.into(),
                error => refused(error),
            },
        )?;
    let request = json!({"token": caller.token, "id": id});
    Ok(Reply::empty()
        .with("event", asked.name)
        .with("data", request)
        .with("id", user.id.0)
        .with("affected_id", id.0))
}

fn refused(error: Error) -> Stop {
    match error {
        Error::NotFound { .. } => USER_NOT_FOUND.into(),
        Error::Forbidden { .. } => Refusal::ACCESS_DENIED.into(),
        Error::OutOfScope { .. } => Refusal::new("out_of_scope", "access denied").into(),
        Error::TooMany { .. } => Refusal::new("too_many", "Cant set token").into(),
        Error::Full(_) | Error::Store(_) => {
            tracing::error!(error = error.chain(), "a token was not changed");
            Refusal::new("cant_set_token", "Cant set token").into()
        }
        error => error.into(),
    }
}

/// The optional field `scopes`, which the documentation does not have.
fn scopes(data: Fields<'_>) -> Result<Scopes, Refusal> {
    let texts: Option<Vec<&str>> = match data.get("scopes") {
        None | Some(Value::Null) => return Ok(Scopes::ALL),
        Some(Value::Array(texts)) => texts.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    let texts = texts.ok_or(Refusal::WRONG_DATA)?;
    Scopes::parse(texts)
        .map_err(|text| Refusal::with_text("unknown_scope", format!("wrong data: {text:?} is no scope")))
}

/// A token as lists show it; members that are empty are left out.
fn object(session: &Session, token: Option<&str>) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), session.id.0.into());
    shown.insert("login".to_owned(), "".into());
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shown.insert(name.to_owned(), value);
        }
    };
    add("token", token.map(Value::from));
    add("created", Some(time(session.created_at)));
    add("purpose", Some(session.purpose.as_str().into()));
    add("expires", Some(time(session.expires_at)));
    add("last_used", session.last_used_at.map(time));
    add("scopes", session.scopes.texts().map(Value::from));
    Value::Object(shown)
}

/// UTC, as the reference implementation writes it.
fn time(ms: i64) -> Value {
    Timestamp::from_millisecond(ms)
        .map_or(Value::Null, |at| at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_look_as_documented() {
        assert_eq!(time(1_795_391_352_838), "2026-11-22 23:49:12.838");
        assert_eq!(time(1_795_391_352_000), "2026-11-22 23:49:12.000");
    }
}
