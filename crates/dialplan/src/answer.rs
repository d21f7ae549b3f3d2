//! The answer with which a switch does what an evaluation came to, without hunting itself.
//!
//! It is a context with one extension, whose only condition passes always. What the hunt changed comes first, as
//! applications that run inline; behind it stand the applications of the extension. `$` and backslashes in values are
//! written so that they come out of the switch's expansions as they are.

use std::collections::HashMap;

use custompbx_model::xml::escape::escape;

use crate::call::Call;
use crate::context::Context;
use crate::evaluate::{Effect, effect};
use crate::expand::expands;
use crate::outcome::{Change, Outcome, Taken};
use crate::value::Value;

/// Why an outcome cannot be told as actions; the switch has to hunt itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// It is undecidable.
    Undecidable,
    /// The call was hung up during the hunt.
    HungUp,
    /// Bytes that no XML can carry.
    Bytes,
    /// A name that an application would read otherwise.
    Name,
    /// What was caught from the call looks like a global variable.
    Global,
    /// The call has variables that running anything changes, or that say how things are run.
    Application,
    /// Variables were changed on the way to no extension. Whatever runs, even inline, makes one.
    NoExtension,
}

impl Untold {
    /// In words, behind "the whole context is served, because".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecidable => "what the switch would do cannot be known here",
            Self::HungUp => "the hunt hangs the call up",
            Self::Bytes => "there is something in the actions that XML cannot carry",
            Self::Name => "a variable has a name that no application can set",
            Self::Global => "something caught from the call looks like a global variable",
            Self::NoExtension => "the hunt changes variables, and finds no extension",
            Self::Application => "running an application inline would change a variable of the call",
        }
    }
}

/// Variables that every application that runs changes or obeys.
const OF_APPLICATIONS: &[&str] =
    &["app_uuid", "app_uuid_name", "current_application_response", "app_disable_expand_variables"];

impl Outcome {
    /// The element `<context>` that makes the switch do the same. `context` and `call` are those of the evaluation.
    ///
    /// # Errors
    /// Where it cannot be said in actions.
    pub fn answer(&self, context: &Context, call: &Call) -> Result<String, Untold> {
        if self.undecidable.is_some() {
            return Err(Untold::Undecidable);
        }
        if self.is_hung_up() {
            return Err(Untold::HungUp);
        }
        let mut out = format!("<context name=\"{}\">", escape(context.name()));
        match &self.extension {
            Some(name) => self.tell(&mut out, name, call)?,
            None if !self.changes.is_empty() => return Err(Untold::NoExtension),
            None => {}
        }
        out.push_str("</context>");
        Ok(out)
    }

    fn tell(&self, out: &mut String, name: &Value, call: &Call) -> Result<(), Untold> {
        out.push_str("<extension name=\"");
        out.push_str(&quoted(name)?);
        out.push_str("\"><condition>");
        let start = out.len();
        let last = last_whole(&self.changes);
        for (at, change) in self.changes.iter().enumerate() {
            // What is replaced as a whole behind it is not seen.
            let is_replaced =
                variable(change).is_some_and(|name| last.get(name).is_some_and(|last| at < *last));
            if !is_replaced {
                inline(out, change)?;
            }
        }
        let without_effect =
            |name: &Value| matches!(effect(name.as_bytes()), Some((name, Effect::None)) if name != "eval");
        for run in self.inline.iter().filter(|run| without_effect(&run.application)) {
            action(out, &run.application, &literal(run.data.as_bytes()), true)?;
        }
        let runs_inline = out.len() > start;
        let mut applications = 0;
        for taken in self.applications() {
            applications += 1;
            application(out, taken)?;
        }
        if applications == 0 {
            // An extension without applications, and not none.
            out.push_str("<action application=\"eval\" loop=\"0\"/>");
        }
        // What ran inline here is not what would have run there: that must not be seen.
        let tells = |taken: &Taken| taken.data.to_string().contains("current_application");
        let is_seen = applications == 0
            || OF_APPLICATIONS.iter().any(|name| call.variables.get(name).is_some())
            || self.changes.iter().any(is_about_applications)
            || self.applications().any(tells);
        if runs_inline && is_seen {
            return Err(Untold::Application);
        }
        out.push_str("</condition></extension>");
        Ok(())
    }
}

/// The channel variable that a change is about.
fn variable(change: &Change) -> Option<&Value> {
    match change {
        Change::Set { name, .. }
        | Change::Push { name, .. }
        | Change::Unshift { name, .. }
        | Change::Delete { name } => Some(name),
        Change::SetGlobal { .. } | Change::SetProfile { .. } | Change::HangUp { .. } => None,
    }
}

/// Where each variable got the last value that has nothing of those before. Setting an element of an array is no such
/// value, and variables with elements that were set are not here.
fn last_whole(changes: &[Change]) -> HashMap<&Value, usize> {
    let mut last = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        if let Change::Set { name, .. } | Change::Delete { name } = change
            && !name.as_bytes().contains(&b'[')
        {
            last.insert(name, at);
        }
    }
    let with_elements = changes.iter().filter_map(variable).filter_map(|name| {
        let bytes = name.as_bytes();
        bytes.iter().position(|byte| *byte == b'[').map(|end| bytes[..end].to_ascii_lowercase())
    });
    let with_elements: Vec<_> = with_elements.collect();
    last.retain(|name, _| !with_elements.contains(&name.as_bytes().to_ascii_lowercase()));
    last
}

fn is_about_applications(change: &Change) -> bool {
    match change {
        Change::Set { name, .. } | Change::Push { name, .. } | Change::Unshift { name, .. } => {
            name.to_str() == Some("app_disable_expand_variables")
        }
        _ => false,
    }
}

/// A change, as something that runs inline.
fn inline(out: &mut String, change: &Change) -> Result<(), Untold> {
    let (application, name, value) = match change {
        // Every application that runs sets these again.
        Change::Set { name, .. } | Change::Delete { name } if is_set_by_running(name) => return Ok(()),
        Change::Set { name, value } => ("set", name, Some(value)),
        Change::Push { name, value } => ("push", name, Some(value)),
        Change::Unshift { name, value } => ("unshift", name, Some(value)),
        Change::Delete { name } => ("unset", name, None),
        Change::SetGlobal { name, value } => {
            let empty = Value::default();
            return assign(out, "set_global", name, value.as_ref().unwrap_or(&empty), false);
        }
        Change::SetProfile { name, value } => return assign(out, "set_profile_var", name, value, false),
        Change::HangUp { .. } => return Err(Untold::HungUp),
    };
    match value {
        Some(value) => assign(out, application, name, value, true),
        None => action(out, &application.into(), &literal(name.as_bytes()), true),
    }
}

fn is_set_by_running(name: &Value) -> bool {
    name.as_bytes().starts_with(b"current_application") || *name == "app_uuid" || *name == "app_uuid_name"
}

/// `name=value`. Rule 47: some applications expand the value once more.
fn assign(
    out: &mut String,
    application: &str,
    name: &Value,
    value: &Value,
    twice: bool,
) -> Result<(), Untold> {
    let is_plain = |byte: &u8| !matches!(byte, b'=' | b',' | b' ');
    if name.is_empty() || !name.as_bytes().iter().all(is_plain) {
        return Err(Untold::Name);
    }
    let value = if twice { literal(value.as_bytes()) } else { value.as_bytes().to_vec() };
    let data = [name.as_bytes(), b"=", &value].concat();
    action(out, &application.into(), &literal(&data), true)
}

/// Rules 30 and 31: what an expansion makes this text of.
fn literal(text: &[u8]) -> Vec<u8> {
    if !expands(text) {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        if matches!(byte, b'$' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

/// An application of the extension, for which the switch expands the data when it comes to it.
fn application(out: &mut String, taken: &Taken) -> Result<(), Untold> {
    let data = taken.data.to_str().ok_or(Untold::Bytes)?;
    // What only the switch knows is left for its preprocessor. A caller could write something like it: then there is
    // more of it, or it has other names.
    let is_missing = data.matches("$${").count() == taken.missing.len()
        && taken.missing.iter().all(|name| data.contains(&format!("$${{{name}}}")));
    if !taken.missing.is_empty() && (!is_missing || data.contains("$$$")) {
        return Err(Untold::Global);
    }
    let quoted = if taken.missing.is_empty() { quoted(&taken.data)? } else { checked(data)? };
    push(out, &self::quoted(&taken.application)?, &quoted, false);
    Ok(())
}

fn action(out: &mut String, application: &Value, data: &[u8], inline: bool) -> Result<(), Untold> {
    push(out, &quoted(application)?, &quoted(&Value::new(data))?, inline);
    Ok(())
}

fn push(out: &mut String, application: &str, data: &str, inline: bool) {
    out.push_str("<action application=\"");
    out.push_str(application);
    out.push_str("\" data=\"");
    out.push_str(data);
    out.push_str(if inline { "\" inline=\"true\"/>" } else { "\"/>" });
}

/// A value in an attribute, in which the preprocessor finds nothing to replace.
fn quoted(value: &Value) -> Result<String, Untold> {
    let text = value.to_str().ok_or(Untold::Bytes)?;
    let text = checked(text)?;
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // Of several one behind the other only the last one stays as it is.
            '$' if letters.peek() == Some(&'$') => out.push_str("&#36;"),
            letter => out.push(letter),
        }
    }
    Ok(out)
}

/// A text in an attribute. XML cannot carry all of ASCII.
fn checked(text: &str) -> Result<String, Untold> {
    let is_lost = |byte: u8| matches!(byte, 0..0x20 | 0x7f) && !matches!(byte, b'\t' | b'\n' | b'\r');
    if text.bytes().any(is_lost) { Err(Untold::Bytes) } else { Ok(escape(text)) }
}
