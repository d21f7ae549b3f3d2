//! The request of a message that is data.

use custompbx_model::declare::kind::{Above, Field, Type, Wrong};
use custompbx_model::declare::message::{Message, Need, Operation, Place, Take};
use serde_json::Value;

use crate::messages::fields::Fields;
use crate::messages::reply::Refusal;

/// What is asked for.
pub(super) enum Request {
    List,
    Details { id: i64 },
    Add { owner: Option<i64>, values: Vec<(&'static Field, String)>, enabled: bool },
    AddUsers { domain: i64, name: String, count: Option<usize> },
    AddGroupUser { group: i64, user: i64 },
    Update { id: i64, values: Vec<(&'static Field, String)> },
    Switch { id: i64, enabled: bool },
    Move { id: i64, seen: i64, position: i64 },
    Delete { id: i64 },
}

/// Where the fields of a request stand.
struct Stand<'a> {
    /// Where the id is.
    ids: Fields<'a>,
    /// Where the others are.
    fields: Fields<'a>,
    /// Whether they are in an object of their own.
    inside: bool,
}

impl Request {
    pub(super) fn read(message: &Message, data: Fields<'_>) -> Result<Self, Refusal> {
        let texts = &message.texts;
        let wrong_id = || Refusal::new("wrong_id", texts.wrong_id);
        let wrong = || Refusal::new("wrong_data", texts.wrong);
        let stand = stand(message, data)?;
        let id = || stand.ids.id("id").map_err(|_| wrong_id());
        Ok(match message.operation {
            Operation::List => Self::List,
            Operation::Details => Self::Details { id: id()? },
            Operation::Add(takes) => Self::Add {
                owner: owner(message, stand.ids)?,
                values: values(message, takes, stand.fields)?,
                enabled: !stand.inside
                    || stand.fields.get("enabled").and_then(Value::as_bool).unwrap_or(true),
            },
            Operation::AddUsers => {
                let domain = id()?;
                let values = values(message, &[Take::same("name", Need::Filled)], stand.fields)?;
                let name = values.into_iter().next().map(|(_, name)| name).unwrap_or_default();
                Self::AddUsers { domain, name, count: series(data).ok_or_else(wrong)? }
            }
            Operation::AddGroupUser => {
                let user = data.id("id_int").ok().or_else(|| {
                    data.text("value").and_then(|text| text.parse().ok()).filter(|id: &i64| *id > 0)
                });
                let wrong_user = || Refusal::new("wrong_id", "wrong user id");
                Self::AddGroupUser { group: id()?, user: user.ok_or_else(wrong_user)? }
            }
            Operation::Update(takes) => {
                Self::Update { id: id()?, values: values(message, takes, stand.fields)? }
            }
            Operation::Switch => {
                Self::Switch { id: id()?, enabled: stand.fields.flag("enabled").map_err(|_| wrong())? }
            }
            Operation::Move => {
                let wrong_position = || Refusal::new("wrong_position", texts.position);
                let place = |name| data.number(name).ok_or_else(wrong_position);
                Self::Move { id: id()?, seen: place("previous_index")?, position: place("current_index")? }
            }
            Operation::Delete => Self::Delete { id: id()? },
        })
    }
}

fn stand<'a>(message: &Message, data: Fields<'a>) -> Result<Stand<'a>, Refusal> {
    let empty = || Refusal::new("empty_data", message.texts.empty);
    let is_new = matches!(message.operation, Operation::Add(_));
    let flat = Stand { ids: data, fields: data, inside: false };
    Ok(match message.request {
        Place::Flat => flat,
        Place::Inside(name) => {
            let object = data.object(name).ok_or_else(empty)?;
            Stand { ids: object, fields: object, inside: true }
        }
        Place::FieldsInside(name) => {
            let object = data.object(name).ok_or_else(empty)?;
            // Who sends an id means one that is there already.
            if object.number("id").is_some_and(|id| id != 0) {
                return Err(empty());
            }
            Stand { ids: data, fields: object, inside: true }
        }
        Place::Either(name) => match data.object(name) {
            None if !is_new && data.get("id").is_none() => return Err(empty()),
            None => flat,
            Some(object) => {
                let ids = if is_new || object.get("id").is_none() { data } else { object };
                Stand { ids, fields: object, inside: true }
            }
        },
    })
}

/// The owner's id, for what does not belong to the instance.
fn owner(message: &Message, ids: Fields<'_>) -> Result<Option<i64>, Refusal> {
    let has_owner =
        message.kind.above.iter().any(|above| matches!(above, Above::Object(_) | Above::Document(_)));
    match has_owner {
        false => Ok(None),
        true => match ids.id("id") {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(Refusal::new("wrong_id", message.texts.wrong_id)),
        },
    }
}

/// How many users: `Some(None)` for one alone, `None` for what is no number.
fn series(data: Fields<'_>) -> Option<Option<usize>> {
    match data.get("bulk") {
        None | Some(Value::Null) => Some(None),
        Some(bulk) => {
            let count = usize::try_from(bulk.as_u64()?).unwrap_or(usize::MAX);
            Some(Some(count).filter(|count| *count > 1))
        }
    }
}

fn values(
    message: &Message,
    takes: &[Take],
    fields: Fields<'_>,
) -> Result<Vec<(&'static Field, String)>, Refusal> {
    let mut values = Vec::with_capacity(takes.len());
    for take in takes {
        let Some(field) = message.kind.field(take.to) else { continue };
        let given = fields.get(take.from).filter(|value| !value.is_null());
        let is_empty = given.and_then(Value::as_str).is_some_and(|text| text.trim().is_empty());
        let text = match (take.need, given) {
            (Need::Filled, _) if is_empty => Err(Wrong::Empty),
            (Need::Filled | Need::There, None) => Err(Wrong::Empty),
            (Need::Optional, None) => Ok(nothing(field)),
            (Need::Optional, Some(_)) if is_empty && !matches!(field.value, Type::Name) => Ok(nothing(field)),
            (_, Some(value)) => field.parse(value),
        };
        let text = text.map_err(|why| {
            let refusal = match why {
                Wrong::Empty => Refusal::new("empty_data", message.texts.empty),
                _ => Refusal::new("wrong_data", message.texts.wrong),
            };
            refusal.detailed(format!("{} {why}", take.from))
        })?;
        values.push((field, text));
    }
    Ok(values)
}

/// What a field is that nobody gives.
fn nothing(field: &Field) -> String {
    field.absent.to_owned()
}
