//! For tests only: databases, a FreeSWITCH stand-in, recordings.

pub mod postgres;
