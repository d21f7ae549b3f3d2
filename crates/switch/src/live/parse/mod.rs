//! The answers of the switch, read.

mod columns;
mod json;
mod status;
mod xml;

pub(super) use columns::columns;
pub(super) use json::{conferences, lines};
pub(super) use status::{core, name, percent, status, version};
pub(super) use xml::{gateways, sofia, verto};

/// What is wrong with an answer, as half a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) String);

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// The number in an answer such as `2 total.`
pub(super) fn count(answer: &str) -> Option<usize> {
    answer.trim().strip_suffix("total.")?.trim().parse().ok()
}

/// Whether nobody in the switch knows the command, or has anything to say to it: the module is not loaded.
fn is_absent(answer: &str) -> bool {
    let answer = answer.trim_start();
    let said = |word: &str| answer.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    said("-ERR")
        || said("-USAGE")
        || (answer.len() < 256 && answer.to_ascii_lowercase().contains("command not found"))
}

/// The start of an answer, for who reads about it.
fn start(answer: &str) -> String {
    answer.trim().chars().take(80).collect()
}
