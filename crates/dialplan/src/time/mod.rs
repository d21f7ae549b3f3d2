//! Rules 49 to 57: conditions on the time.

mod check;
mod clock;
mod compare;
mod date;
mod posix;

pub(crate) use check::{Now, TimeTest};
pub use clock::ProcessZone;
pub(crate) use compare::{days_are_readable, numbers_are_readable, times_are_readable};
pub(crate) use date::dates_are_readable;
pub use posix::Timezones;
