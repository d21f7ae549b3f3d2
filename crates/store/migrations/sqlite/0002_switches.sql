-- Switches that are driven: where their event sockets are, how far they follow the history, and what that came to.

CREATE TABLE event_socket (
    switch text PRIMARY KEY NOT NULL,
    host text NOT NULL,
    port bigint NOT NULL,
    pass text NOT NULL,
    timeout_s bigint NOT NULL
) WITHOUT ROWID;

-- The last revision whose effects a switch has seen.
CREATE TABLE switch_progress (
    switch text PRIMARY KEY NOT NULL,
    revision_id bigint NOT NULL
) WITHOUT ROWID;

-- What a switch was told because of a revision, or what is offered to be told.
CREATE TABLE effect (
    id integer PRIMARY KEY NOT NULL,
    revision_id bigint NOT NULL,
    switch text NOT NULL,
    command text NOT NULL,
    line text NOT NULL,
    state text NOT NULL,
    reply text NOT NULL,
    at_ms bigint NOT NULL
);
CREATE INDEX effect_revision ON effect (revision_id);
CREATE INDEX effect_state ON effect (switch, state);
INSERT INTO counter (name, last) VALUES ('effect', 0);
