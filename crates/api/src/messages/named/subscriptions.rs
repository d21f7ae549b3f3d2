//! What a connection wants to hear of.

use serde_json::Value;

use crate::access::permit;
use crate::messages::dispatch::Asked;
use crate::messages::fields::Fields;
use crate::messages::push;
use crate::messages::reply::{Outcome, Refusal, Reply, Stop};
use crate::messages::socket::peer::Set;

const CANT_SUBSCRIBE: Refusal = Refusal::new("cant_subscribe", "cant subscribe!");

/// Names in one message, at most.
const MOST_NAMES: usize = 10;

/// Replaces the temporary subscriptions.
pub(crate) async fn list(asked: Asked<'_>) -> Outcome {
    subscribe(&asked, Set::Temporary)?;
    Ok(Reply::empty().called("OK"))
}

/// Adds to those that outlast every list.
pub(crate) async fn persistent(asked: Asked<'_>) -> Outcome {
    subscribe(&asked, Set::Persistent)?;
    Ok(Reply::empty())
}

/// Ends one subscription, or all temporary ones.
pub(crate) async fn unsubscribe(asked: Asked<'_>) -> Outcome {
    let name = match asked.data.get("name") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.trim()).filter(|name| !name.is_empty()),
        Some(_) => return Err(Refusal::WRONG_DATA.into()),
    };
    if let Some(peer) = asked.origin.peer {
        peer.unsubscribe(name);
    }
    Ok(Reply::empty().called("OK"))
}

/// All of the names or none: what was subscribed to before stays as it is when one cannot be.
fn subscribe(asked: &Asked<'_>, set: Set) -> Result<(), Stop> {
    let session = &asked.caller()?.session;
    let mut names = Vec::new();
    for name in values(asked.data)? {
        let rule = push::rule(name).ok_or(CANT_SUBSCRIBE)?;
        permit(session, rule.role, rule.scope)?;
        names.push(rule.name);
    }
    if let Some(peer) = asked.origin.peer {
        peer.subscribe(session.id, set, names);
    }
    Ok(())
}

fn values(data: Fields<'_>) -> Result<Vec<&str>, Refusal> {
    let Some(Value::Array(values)) = data.get("values") else { return Err(CANT_SUBSCRIBE) };
    if !(1..=MOST_NAMES).contains(&values.len()) {
        return Err(CANT_SUBSCRIBE);
    }
    values.iter().map(|value| value.as_str().map(str::trim).ok_or(CANT_SUBSCRIBE)).collect()
}
