//! A text of the dialplan, as it is after the global variables in it were replaced.

use custompbx_model::variables::{Variables, next_variable};

use crate::expand::expands;
use crate::undecidable::{Known, Why, unknown};
use crate::value::Value;

/// A text of an attribute or element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    bytes: Value,
    /// Global variables in it that only the switch knows.
    missing: Vec<Value>,
    /// Rule 30: there may be something to expand in it.
    expands: bool,
}

impl Text {
    /// With the values of `globals`; without any it stands as it is.
    pub(crate) fn of(written: &str, globals: Option<&Variables>) -> Self {
        let (text, missing) = match globals {
            Some(globals) if next_variable(written).is_some() => globals.expand(written),
            _ => (written.to_owned(), Vec::new()),
        };
        Self {
            expands: expands(text.as_bytes()),
            missing: missing.into_iter().map(|name| name.0.into()).collect(),
            bytes: text.into(),
        }
    }

    /// The text, if nothing in it is known to the switch only.
    pub(crate) fn known(&self) -> Known<&[u8]> {
        match self.missing.first() {
            None => Ok(self.bytes.as_bytes()),
            Some(name) => unknown(Why::Global(name.clone())),
        }
    }

    /// The text; what is known to the switch only still stands as a variable in it.
    pub(crate) fn shown(&self) -> &[u8] {
        self.bytes.as_bytes()
    }

    pub(crate) fn value(&self) -> &Value {
        &self.bytes
    }

    pub(crate) fn missing(&self) -> &[Value] {
        &self.missing
    }

    pub(crate) fn expands(&self) -> bool {
        self.expands
    }
}
