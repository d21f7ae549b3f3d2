//! Recorded cases: what a real FreeSWITCH did with an answer.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod answers;
mod case;
mod decided;
mod limits;
mod recorded;
mod rules;
