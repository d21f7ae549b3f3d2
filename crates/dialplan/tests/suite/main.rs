//! Recorded cases: what a real FreeSWITCH did with an answer.

mod case;
mod limits;
mod recorded;
mod rules;
