//! The event socket, against what a FreeSWITCH was recorded to say.

mod probing;
