//! Answers made of the parts that a declaration names.

use custompbx_model::declare::kind::{Above, Kind};
use custompbx_model::declare::message::{Content, Key, Part, What};
use custompbx_model::modules::directory::kinds::USER;
use custompbx_pbx::objects::{Object, Owner, UserPages};
use custompbx_pbx::{Pbx, Result};
use custompbx_store::InstanceId;
use serde_json::{Map, Value};

use super::listing::{Listing, Step};
use crate::messages::reply::Reply;

/// The answer that has these parts, after the subjects were dealt with.
pub(crate) async fn reply(
    pbx: &Pbx,
    instance: InstanceId,
    parts: &[&'static Part],
    subjects: &[Object],
) -> Result<Reply> {
    if parts.iter().any(|part| part.what.is_many() && part.what.kind() == Some(&USER)) {
        let mut steps = Vec::new();
        for part in parts {
            let found = find(pbx, instance, part.what, subjects).await?;
            steps.push(Step { part, way: known_way(part, subjects.first()), found });
        }
        return Ok(Reply::listing(Listing::new(steps).begun().await?));
    }
    let mut whole = Value::Object(Map::new());
    for part in parts {
        if let Found::All(objects) = find(pbx, instance, part.what, subjects).await? {
            put(&mut whole, part, subjects.first(), &objects);
        }
    }
    match whole {
        Value::Object(members) => Ok(Reply::empty().with_all(members)),
        _ => Ok(Reply::empty()),
    }
}

/// Objects that a part shows.
pub(super) enum Found {
    /// All of them.
    All(Vec<Object>),
    /// Users, some at a time.
    Users(UserPages),
}

async fn find(pbx: &Pbx, instance: InstanceId, what: What, subjects: &[Object]) -> Result<Found> {
    let Some(subject) = subjects.first() else {
        return match what {
            What::All(kind) => all(pbx, instance, kind).await,
            _ => Ok(Found::All(Vec::new())),
        };
    };
    let objects = match what {
        What::Subject => subjects.to_vec(),
        What::Siblings => pbx.objects(instance, subject.kind, &subject.owner()).await?,
        What::Owner(kind) => match subject.id_of(kind) {
            Some(id) => vec![pbx.object(instance, kind, id).await?],
            None => Vec::new(),
        },
        What::Below(kind) if *kind == USER => {
            let domain = std::slice::from_ref(subject);
            return Ok(Found::Users(pbx.user_pages(instance, domain).await?));
        }
        What::Below(kind) => pbx.objects(instance, kind, &subject.as_owner()).await?,
        What::Beside(kind) if *kind == USER => {
            let domains: Vec<Object> = match subject.owners.last() {
                Some(owner) => vec![pbx.object(instance, owner.kind, owner.id).await?],
                None => Vec::new(),
            };
            return Ok(Found::Users(pbx.user_pages(instance, &domains).await?));
        }
        What::Beside(kind) => pbx.objects(instance, kind, &subject.owner()).await?,
        What::Deep(kind) => {
            let mut all = pbx.objects(instance, kind, &subject.as_owner()).await?;
            let mut last = all.clone();
            while !last.is_empty() {
                last = pbx.objects_of(instance, kind, &last).await?;
                all.extend(last.iter().cloned());
            }
            all
        }
        What::All(kind) => return all(pbx, instance, kind).await,
    };
    Ok(Found::All(objects))
}

/// All objects of a kind.
async fn all(pbx: &Pbx, instance: InstanceId, kind: &'static Kind) -> Result<Found> {
    let Some(Above::Object(above)) = kind.above.first() else {
        return Ok(Found::All(pbx.objects(instance, kind, &Owner::instance()).await?));
    };
    let mut objects = Vec::new();
    match Box::pin(all(pbx, instance, above)).await? {
        Found::All(owners) if *kind == USER => {
            return Ok(Found::Users(pbx.user_pages(instance, &owners).await?));
        }
        Found::All(owners) => objects = pbx.objects_of(instance, kind, &owners).await?,
        Found::Users(mut pages) => {
            while let Some(owners) = pages.next().await? {
                objects.extend(pbx.objects_of(instance, kind, &owners).await?);
            }
        }
    }
    Ok(Found::All(objects))
}

/// What is shown of an object.
pub(super) fn content(content: Content, object: &Object) -> Value {
    match content {
        Content::Whole => Value::Object(object.members()),
        Content::Members(names) => Value::Object(object.pick(names)),
        Content::Value(name) => object.pick(&[name]).remove(name).unwrap_or_default(),
        Content::IdAndValue(name) => {
            let mut members = object.pick(&["id"]);
            let value = match object.pick(&[name]).remove(name) {
                Some(Value::String(text)) => text,
                Some(value) => value.to_string(),
                None => String::new(),
            };
            members.insert("value".to_owned(), value.into());
            Value::Object(members)
        }
        Content::Id(kind) => object.id_of(kind).map_or(Value::Null, |id| id.0.into()),
        Content::EmptyList => Value::Array(Vec::new()),
    }
}

/// The name of a member; `None` for the next of a list, and for what the object has not.
pub(super) fn member(key: Key, object: &Object) -> Option<String> {
    match key {
        Key::Name(name) => Some(name.to_owned()),
        Key::Own => Some(object.id().to_string()),
        Key::Id(kind) => object.id_of(kind).map(|id| id.to_string()),
        Key::Parent => Some(object.parent().to_string()),
        Key::Next => None,
    }
}

/// The part of the way that is there without any object: as far as it leads by names, and by owners of the subject.
pub(super) fn known_way(part: &Part, subject: Option<&Object>) -> Vec<String> {
    // Objects that the subject has would have it for their parent.
    let parent = |subject: &Object| match part.what {
        What::Siblings | What::Subject => subject.parent().to_string(),
        _ => subject.id().to_string(),
    };
    let mut way = Vec::new();
    for key in part.at {
        let member = match (key, subject) {
            (Key::Name(name), _) => Some((*name).to_owned()),
            (Key::Id(kind), Some(subject)) => subject.id_of(kind).map(|id| id.to_string()),
            (Key::Parent, Some(subject)) => Some(parent(subject)),
            _ => None,
        };
        match member {
            Some(member) => way.push(member),
            None => break,
        }
    }
    way
}

/// Puts a part into an answer.
fn put(whole: &mut Value, part: &Part, subject: Option<&Object>, objects: &[Object]) {
    if part.what.is_many() {
        let mut place = &mut *whole;
        let way = known_way(part, subject);
        for name in &way {
            place = enter(place, name);
        }
        if place.is_null() {
            let is_list = part.at.get(way.len()) == Some(&Key::Next);
            *place = if is_list { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        }
    }
    put_objects(whole, part, objects);
}

/// Puts objects into their place in an answer, without what is there for none.
pub(super) fn put_objects(whole: &mut Value, part: &Part, objects: &[Object]) {
    'objects: for object in objects {
        let mut place = &mut *whole;
        for key in part.at {
            place = match (key, member(*key, object)) {
                (Key::Next, _) => push(place),
                (_, Some(name)) => enter(place, &name),
                (_, None) => continue 'objects,
            };
        }
        match (place, content(part.content, object)) {
            (Value::Object(there), Value::Object(more)) => there.extend(more),
            (place, value) => *place = value,
        }
    }
}

/// A member of an object, which is made where there is nothing.
fn enter<'v>(place: &'v mut Value, name: &str) -> &'v mut Value {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    &mut place[name]
}

/// A new end of a list, which is made where there is nothing.
fn push(place: &mut Value) -> &mut Value {
    if !place.is_array() {
        *place = Value::Array(Vec::new());
    }
    let last = place.as_array().map_or(0, Vec::len);
    if let Value::Array(list) = place {
        list.push(Value::Null);
    }
    &mut place[last]
}
