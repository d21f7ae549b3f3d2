//! The documented messages about the directory, the dialplan, global variables and modules: each example is sent under
//! each of its names to a server that holds the example's objects, and the whole answer is compared; each listed error
//! is brought about. What they are is data, in `tests/contract`.

mod events;
mod examples;
mod refusals;
mod rules;
mod session;
mod types;
mod world;

use std::sync::LazyLock;

use serde_json::Value;

pub(crate) use self::events::Event;
use crate::administration::AREAS;

/// Messages about the server itself, whose examples are sent by `administration`.
static ADMINISTRATION: LazyLock<Vec<Event>> =
    LazyLock::new(|| AREAS.iter().flat_map(|text| Event::all(text)).collect());

/// All messages, each with the answer that its example gets.
pub(crate) fn all() -> impl Iterator<Item = (&'static Event, Value)> {
    let tree = events::EVENTS.iter().map(|event| (event, examples::expected(event)));
    let session = session::EVENTS.iter().map(|event| (event, session::expected(event)));
    let others = ADMINISTRATION.iter().map(|event| (event, event.example_answer().clone()));
    session.chain(tree).chain(others)
}
