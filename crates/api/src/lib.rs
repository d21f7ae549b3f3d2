//! The outside: the xml_curl listener, REST, sessions, the web interface.
