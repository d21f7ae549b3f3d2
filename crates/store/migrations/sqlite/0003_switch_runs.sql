-- The run of a switch in which it was seen to that its modules are loaded: once for each start of it.
CREATE TABLE switch_run (
    switch text PRIMARY KEY NOT NULL,
    core_uuid text NOT NULL
) WITHOUT ROWID;
