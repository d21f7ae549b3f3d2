//! A line of a batch.

use std::path::Path;

use custompbx_dialplan::Globals;
use serde_json::{Map, Value};

use super::expect::Expect;
use super::input::{Input, Request, moment, profile_field};
use super::read_input;
use super::sources::{Written, exactly};
use super::zone::Zone;
use crate::failure::Failure;

/// What a line says. Keys that are not known here are left to who wrote them.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) input: Input,
    pub(super) dialplan: Option<Written>,
    /// With their text, by which equal ones are known.
    pub(super) globals: Option<(String, Globals)>,
    pub(super) expect: Option<Expect>,
}

impl Line {
    /// Reads one; a file that it names is looked for in `directory`.
    pub(super) fn of(object: &Map<String, Value>, directory: &Path) -> Result<Self, Failure> {
        let request = text(object, "request_body")?.or(text(object, "request")?);
        let request = request.map(|body| Request { shown: "the request".to_owned(), body: body.to_owned() });
        let at = text(object, "at")?.map(|text| moment(text, "at")).transpose()?;
        // What was sent is exact.
        let at = at.filter(|_| !request.as_ref().is_some_and(Request::has_moment));
        let profile = pairs(object, "profile")?.into_iter();
        let profile = profile.map(|(name, value)| Ok((profile_field(&name, "profile")?, value)));
        let globals = match object.get("globals") {
            None | Some(Value::Null) => None,
            Some(Value::Object(values)) => {
                Some((Value::Object(values.clone()).to_string(), exactly(values)?))
            }
            Some(_) => return Err(must_be("globals", "an object of strings")),
        };
        Ok(Self {
            input: Input {
                context: text(object, "context")?.map(str::to_owned),
                destination: text(object, "destination")?.map(str::to_owned),
                variables: pairs(object, "variables")?,
                profile: profile.collect::<Result<_, Failure>>()?,
                request,
                at,
                zone: text(object, "tz")?.map(|name| Zone::named(name, "tz")).transpose()?,
                api: pairs(object, "api")?,
            },
            dialplan: dialplan(object, directory)?,
            globals,
            expect: Expect::of(object)?,
        })
    }
}

fn dialplan(object: &Map<String, Value>, directory: &Path) -> Result<Option<Written>, Failure> {
    for key in ["context_xml", "dialplan"] {
        if let Some(xml) = text(object, key)? {
            return Ok(Some(Written { shown: key.to_owned(), text: xml.to_owned() }));
        }
    }
    let Some(name) = text(object, "context_file")? else { return Ok(None) };
    let path = directory.join(name);
    let text = read_input(&path, "the dialplan")?;
    Ok(Some(Written { shown: path.display().to_string(), text }))
}

fn text<'o>(object: &'o Map<String, Value>, key: &str) -> Result<Option<&'o str>, Failure> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(must_be(key, "a string")),
    }
}

fn pairs(object: &Map<String, Value>, key: &str) -> Result<Vec<(String, String)>, Failure> {
    let map = match object.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(map)) => map,
        Some(_) => return Err(must_be(key, "an object of strings")),
    };
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        // A variable of the switch is a text in any case.
        Value::Number(_) | Value::Bool(_) => Ok((name.clone(), value.to_string())),
        _ => Err(must_be(&format!("{key}.{name}"), "a string")),
    };
    map.iter().map(pair).collect()
}

/// That a key has a value of the wrong kind.
pub(super) fn must_be(key: &str, what: &str) -> Failure {
    Failure::because(format!("{key:?} must be {what}"))
}
