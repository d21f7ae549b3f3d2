//! The documented messages, and what is said about them.

use std::sync::LazyLock;

use serde_json::Value;

/// A documented message, or one of the reference implementation.
pub(crate) struct Event(Value);

pub(super) static EVENTS: LazyLock<Vec<Event>> =
    LazyLock::new(|| Event::all(include_str!("../../contract/tree.json")));

impl Event {
    /// Those of a file of `tests/contract`.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let all: Vec<Value> = serde_json::from_str(text).unwrap();
        all.into_iter().map(Event).collect()
    }

    pub(crate) fn name(&self) -> &str {
        self.0["event"].as_str().unwrap()
    }

    /// Its names: of the reference implementation, and of the documentation where that is another.
    pub(super) fn names(&self) -> Vec<&str> {
        let aliases = self.0["aliases"].as_array().unwrap();
        std::iter::once(self.name()).chain(aliases.iter().map(|name| name.as_str().unwrap())).collect()
    }

    pub(super) fn is_documented(&self) -> bool {
        self.0["documented"] == true
    }

    pub(super) fn operation(&self) -> &str {
        self.0["op"].as_str().unwrap()
    }

    pub(super) fn entity(&self) -> Option<&str> {
        self.0["entity"].as_str()
    }

    pub(super) fn role(&self) -> &str {
        self.0["min_role"].as_str().unwrap()
    }

    pub(crate) fn area(&self) -> &str {
        self.0["area"].as_str().unwrap()
    }

    pub(crate) fn summary(&self) -> &str {
        self.0["summary"].as_str().unwrap()
    }

    /// The type of a field of the request, in words.
    pub(crate) fn type_of(&self, field: &str) -> &str {
        self.0["request"][field]["type"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_required(&self, field: &str) -> bool {
        self.0["request"][field]["required"] == true
    }

    /// The meaning of a field of the request.
    pub(crate) fn meaning(&self, field: &str) -> &str {
        self.0["request"][field]["meaning"].as_str().unwrap_or_default()
    }

    /// The fields of the request, but for the token.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        let fields = self.0["request"].as_object().unwrap();
        fields.keys().map(String::as_str).filter(|field| *field != "token")
    }

    /// The types of the answer's members.
    pub(super) fn answer_types(&self) -> &Value {
        &self.0["response"]["fields"]
    }

    pub(crate) fn example_request(&self) -> Value {
        let mut data = self.0["example_request"]["data"].clone();
        data.as_object_mut().unwrap().remove("token");
        data
    }

    pub(super) fn example_answer(&self) -> &Value {
        &self.0["example_response"]
    }

    /// Whether lists of the example were cut to one element.
    pub(super) fn is_trimmed(&self) -> bool {
        self.0["example_trimmed"] == true
    }

    /// The form of the documented answer.
    pub(super) fn documented_form(&self) -> Option<&Value> {
        self.0["differences"].get("documented_response")
    }

    /// The object that the documentation has the fields in, where the reference implementation has them beside the token.
    pub(super) fn documented_object(&self) -> Option<&str> {
        let request = self.0["differences"]["documented_request"].as_object()?;
        request.iter().find(|(_, value)| value.is_object()).map(|(name, _)| name.as_str())
    }

    /// Every text that is listed for an error.
    pub(super) fn texts(&self) -> Vec<&str> {
        let listed = self.0["errors"].as_array().unwrap().iter();
        let more = self.0["differences"]["documented_errors_not_implemented"].as_array();
        listed.chain(more.into_iter().flatten()).map(|text| text.as_str().unwrap()).collect()
    }
}
