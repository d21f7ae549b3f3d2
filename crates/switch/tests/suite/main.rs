//! The event socket, against what a FreeSWITCH was recorded to say.

mod bad_peers;
mod commanding;
mod connecting;
mod cutting;
mod flood;
mod following;
mod log_stream;
mod losing;
mod probing;
mod recordings;
mod sources;
mod support;
