//! The tree in SQLite or PostgreSQL: migrations, edits, revisions, web users. The only crate with SQL.
