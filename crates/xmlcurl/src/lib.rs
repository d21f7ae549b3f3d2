//! A mod_xml_curl request and a snapshot in, the XML answer out. No I/O, no lock, no SQL.
