//! One FreeSWITCH, over its event socket.
