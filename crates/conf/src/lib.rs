//! FreeSWITCH's configuration directory, in and out: the preprocessor, import and export. File I/O, no SQL, no async.
