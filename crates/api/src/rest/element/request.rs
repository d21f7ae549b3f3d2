//! What is asked: the address, the query, the conditions, the body.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use custompbx_model::address::{Address, Segment};
use custompbx_model::wanted::{Disabled, Fault, Patch, Wanted, read_json};
use custompbx_model::xml::{Limits, line_and_column, parse};
use custompbx_pbx::element::{self, Condition, Destination, Version, Where};
use serde_json::Value;

use super::media::Media;
use super::{Body, Pairs};
use crate::etag::Tags;
use crate::problem::Problem;

const PREFIX: &str = "/api/v2/instances/";
const JSON_OR_XML: &[&str] = &["application/json", "application/xml", "text/xml"];
const JSON: &[&str] = &["application/json"];
const PATCHES: &[&str] = &["application/merge-patch+json", "application/json"];

/// How many levels may be asked for; more could not be sent back, because JSON is not read any deeper.
const DEEPEST: usize = 50;

/// Which element or collection.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The instance's name.
    pub(crate) instance: String,
    /// It as it stands in the path.
    raw_instance: String,
    /// The way to it.
    pub(crate) address: Address,
}

/// What can be done beside the methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `:move`
    Move,
}

impl Asked {
    /// The path is read as it was sent: what is decoded cannot tell `%2F` from a slash.
    pub(crate) fn read(uri: &Uri) -> Result<Self, Problem> {
        let (raw_instance, raw) = split(uri)?;
        Self::of(raw_instance, raw)
    }

    pub(crate) fn read_with_verb(uri: &Uri) -> Result<(Self, Option<Verb>), Problem> {
        let (raw_instance, raw) = split(uri)?;
        let (start, last) = raw.rsplit_once('/').map_or(("", raw), |(start, last)| (start, last));
        let Some((name, verb)) = last.rsplit_once(':') else {
            return Ok((Self::of(raw_instance, raw)?, None));
        };
        if verb != "move" {
            let detail =
                format!("there is no verb {verb:?}; there is move. A colon in a name is written %3A");
            return Err(Problem::new(StatusCode::NOT_FOUND, detail).code("unknown-verb"));
        }
        let raw = if raw.contains('/') { format!("{start}/{name}") } else { name.to_owned() };
        Ok((Self::of(raw_instance, &raw)?, Some(Verb::Move)))
    }

    fn of(raw_instance: &str, raw: &str) -> Result<Self, Problem> {
        let wrong = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail).code("bad-address");
        let address = Address::parse(raw).map_err(|error| wrong(error.to_string()))?;
        let instance = percent_encoding::percent_decode_str(raw_instance).decode_utf8();
        let instance =
            instance.map_err(|_| wrong("the instance's name is not UTF-8".to_owned()))?.into_owned();
        Ok(Self { instance, raw_instance: raw_instance.to_owned(), address })
    }

    /// What stands before every address of the instance.
    pub(crate) fn base(&self) -> String {
        format!("{PREFIX}{}/", self.raw_instance)
    }

    /// An address that came in a body: with or without what stands before it here.
    fn address(&self, text: &str) -> Result<Address, String> {
        let text = text.strip_prefix(&self.base()).unwrap_or(text);
        if text.starts_with('/') {
            return Err(format!("an address of this instance begins behind {}", self.base()));
        }
        Address::parse(text).map_err(|error| error.to_string())
    }
}

fn split(uri: &Uri) -> Result<(&str, &str), Problem> {
    let rest = uri.path().strip_prefix(PREFIX).and_then(|rest| rest.split_once('/'));
    rest.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path())))
}

/// The query.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pub(crate) depth: Option<usize>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
    filters: Vec<String>,
    sort: Option<String>,
    position: Option<u32>,
    before: Option<Segment>,
    after: Option<Segment>,
    names: Vec<String>,
}

const PAGE: u32 = 200;
const NAMES: &str = "depth, q, filter, sort, limit, cursor; position, before and after with POST";

impl Parameters {
    pub(crate) fn read(pairs: Pairs) -> Result<Self, Problem> {
        let Query(pairs) =
            pairs.map_err(|rejection| Problem::new(StatusCode::BAD_REQUEST, rejection.body_text()))?;
        let mut read = Self::default();
        for (name, value) in pairs {
            let wrong = |message: String| wrong_parameter(&name, &message);
            if name != "filter" && read.names.contains(&name) {
                return Err(wrong("is there twice".to_owned()));
            }
            read.names.push(name.clone());
            let number = |most: usize| {
                let number = value.parse::<usize>().ok().filter(|number| *number <= most);
                number.ok_or_else(|| wrong(format!("is no whole number from 0 to {most}")))
            };
            let large = |least: u32| {
                let number = value.parse::<u32>().ok().filter(|number| *number >= least);
                number.ok_or_else(|| wrong(format!("is no whole number from {least} to {}", u32::MAX)))
            };
            let segment = || {
                let segment = Segment::unescape(&value);
                segment.ok_or_else(|| wrong("is no name; a ~ in a name is written ~~".to_owned()))
            };
            match name.as_str() {
                "depth" => read.depth = Some(number(DEEPEST)?),
                "q" if value.len() > 1_000 || value.contains('\0') => {
                    return Err(wrong("has more than 1000 bytes, or a zero byte".to_owned()));
                }
                "q" => read.q = Some(value),
                "cursor" => read.cursor = Some(value),
                "limit" => read.limit = Some(large(0)?),
                "filter" => read.filters.push(value),
                "sort" => read.sort = Some(value),
                "position" => read.position = Some(large(1)?),
                "before" => read.before = Some(segment()?),
                "after" => read.after = Some(segment()?),
                _ => return Err(wrong(format!("is unknown; there are {NAMES}"))),
            }
        }
        Ok(read)
    }

    /// Whether a page of children is asked for, instead of an element with its children.
    pub(crate) fn is_list(&self) -> bool {
        let listing = ["q", "cursor", "limit", "filter", "sort"];
        self.names.iter().any(|name| listing.contains(&name.as_str()))
    }

    /// What makes no sense where nothing is asked for.
    pub(crate) fn none(&self) -> Result<(), Problem> {
        match self.names.first() {
            None => Ok(()),
            Some(name) => Err(wrong_parameter(name, "has no meaning here")),
        }
    }

    /// The place for a new element.
    pub(crate) fn place(&self) -> Result<Where, Problem> {
        let other = self.names.iter().find(|name| !["position", "before", "after"].contains(&name.as_str()));
        if let Some(other) = other {
            return Err(wrong_parameter(other, "has no meaning here"));
        }
        match (self.position, &self.before, &self.after) {
            (None, None, None) => Ok(Where::Last),
            (Some(place), None, None) => Ok(Where::Place(place)),
            (None, Some(before), None) => Ok(Where::Before(before.clone())),
            (None, None, Some(after)) => Ok(Where::Behind(after.clone())),
            _ => Err(wrong_parameter(&self.names[1], "contradicts another one")),
        }
    }

    pub(crate) fn query(&self) -> element::Query {
        element::Query {
            text: self.q.clone(),
            filters: self.filters.clone(),
            sort: self.sort.clone(),
            cursor: self.cursor.clone(),
            limit: self.limit.unwrap_or(PAGE),
            depth: self.depth.unwrap_or(0),
        }
    }

    /// What makes one answer of the same state differ from another.
    pub(crate) fn variant(&self) -> String {
        format!("{:?}", (self.depth, self.query()))
    }
}

pub(crate) fn wrong_parameter(name: &str, message: &str) -> Problem {
    let detail = format!("the parameter {name} {message}");
    Problem::new(StatusCode::BAD_REQUEST, detail).code("bad-parameter").error("parameter", name, message)
}

/// What must be so for a change.
pub(crate) fn condition(headers: &HeaderMap) -> Result<Condition, Problem> {
    let is = Tags::of(headers, &header::IF_MATCH)?.map(|tags| match tags {
        Tags::Any => Vec::new(),
        // A weak validator never means the same, and no version is empty.
        Tags::These(tags) => {
            let strong = tags.iter().filter(|(_, is_weak)| !is_weak).map(|(tag, _)| version(tag));
            let none = Version(String::new());
            strong.chain([none]).collect()
        }
    });
    let is_not = Tags::of(headers, &header::IF_NONE_MATCH)?.map(|tags| match tags {
        Tags::Any => Vec::new(),
        Tags::These(tags) => {
            let none = Version(String::new());
            tags.iter().map(|(tag, _)| version(tag)).chain([none]).collect()
        }
    });
    Ok(Condition { is, is_not })
}

/// The part of a validator that says which state; the rest says how it was written.
fn version(tag: &str) -> Version {
    Version(tag.split('+').next().unwrap_or_default().to_owned())
}

fn bytes(body: Body) -> Result<Bytes, Problem> {
    body.map_err(|rejection| {
        let detail = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => format!("the body is longer than {} bytes", super::LONGEST),
            _ => rejection.body_text(),
        };
        Problem::new(rejection.status(), detail)
    })
}

fn json(body: &[u8]) -> Result<Value, Problem> {
    read_json(body).map_err(|error| {
        let (line, column) = (error.line.max(1), error.column);
        let detail =
            format!("the body is no JSON that is taken: {} in line {line}, column {column}", error.message);
        let problem = Problem::new(StatusCode::BAD_REQUEST, detail).code("malformed-json");
        problem.with("line", line).with("column", column)
    })
}

/// What is wrong with a body that can be read.
pub(crate) fn faults(faults: Vec<Fault>) -> Problem {
    let shown: Vec<String> = faults
        .iter()
        .take(10)
        .map(|fault| match fault.pointer.as_str() {
            "" => fault.message.clone(),
            pointer => format!("{pointer}: {}", fault.message),
        })
        .collect();
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, shown.join("; "));
    faults.into_iter().fold(problem, |problem, fault| problem.error("pointer", fault.pointer, fault.message))
}

/// An element, and what its XML had that was left out.
pub(crate) fn body(headers: &HeaderMap, body: Body) -> Result<(element::Body, Vec<String>), Problem> {
    let body = bytes(body)?;
    match Media::of_body(headers, JSON_OR_XML)? {
        Media::Json => {
            let wanted = Wanted::from_json(&json(&body)?, "").map_err(faults)?;
            Ok((element::Body { wanted, disabled: Disabled::Go }, Vec::new()))
        }
        Media::Xml => {
            let malformed =
                |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail).code("malformed-xml");
            let text = std::str::from_utf8(&body).map_err(|error| {
                malformed(format!("the body is no UTF-8 from byte {} on", error.valid_up_to()))
            })?;
            let place = |offset| {
                let (line, column) = line_and_column(text, offset);
                format!("line {line}, column {column}")
            };
            let parsed = parse(text, &Limits { nodes: 100_000, ..Limits::default() }).map_err(|error| {
                let (line, column) = line_and_column(text, error.offset);
                let problem = malformed(format!(
                    "the body is no XML that is taken: {error} in {}",
                    place(error.offset)
                ));
                problem.with("line", line).with("column", column)
            })?;
            let notes =
                parsed.notes.iter().map(|note| format!("{}: {}", place(note.offset), note.message)).collect();
            let [root] = parsed.roots.as_slice() else {
                return Err(malformed(format!(
                    "the body has {} elements at its top, not one",
                    parsed.roots.len()
                )));
            };
            Ok((element::Body { wanted: Wanted::from_xml(root), disabled: Disabled::Stay }, notes))
        }
    }
}

pub(crate) fn patch(headers: &HeaderMap, body: Body) -> Result<Patch, Problem> {
    let body = bytes(body)?;
    Media::of_body(headers, PATCHES)?;
    Patch::from_json(&json(&body)?).map_err(faults)
}

/// `{"position": 1}`, `{"before": name}`, `{"after": name}`, `{"to": address}`; the last one also with one of the others.
pub(crate) fn destination(headers: &HeaderMap, body: Body, asked: &Asked) -> Result<Destination, Problem> {
    let body = bytes(body)?;
    Media::of_body(headers, JSON)?;
    let value = json(&body)?;
    let mut wrong = Vec::new();
    let mut destination = Destination::default();
    let Some(members) = value.as_object() else {
        return Err(faults(vec![Fault::new("", "an object is expected")]));
    };
    let mut places = 0;
    for (name, value) in members {
        let mut fault = |message: &str| wrong.push(Fault::new(format!("/{name}"), message));
        let segment = || value.as_str().and_then(Segment::unescape);
        match name.as_str() {
            "position" => {
                match value.as_u64().and_then(|place| u32::try_from(place).ok()).filter(|it| *it > 0) {
                    Some(place) => destination.place = Where::Place(place),
                    None => fault("a whole number from 1 is expected"),
                }
            }
            "before" => match segment() {
                Some(segment) => destination.place = Where::Before(segment),
                None => fault("a name is expected; a ~ in it is written ~~"),
            },
            "after" => match segment() {
                Some(segment) => destination.place = Where::Behind(segment),
                None => fault("a name is expected; a ~ in it is written ~~"),
            },
            "to" => match value.as_str().map(|text| asked.address(text)) {
                Some(Ok(address)) => destination.to = Some(address),
                Some(Err(message)) => fault(&message),
                None => fault("an address is expected"),
            },
            _ => wrong.push(Fault::new(
                "",
                format!("there is no member {name:?}; there are position, before, after, to"),
            )),
        }
        places += usize::from(name != "to");
    }
    if members.is_empty() || places > 1 {
        wrong.push(Fault::new(
            "",
            "one of position, before and after is expected, or to, or to and one of these",
        ));
    }
    if wrong.is_empty() { Ok(destination) } else { Err(faults(wrong)) }
}
