-- Switches that are driven: where their event sockets are, how far they follow the history, and what that came to.

CREATE TABLE event_socket (
    switch text COLLATE "C" PRIMARY KEY NOT NULL,
    host text COLLATE "C" NOT NULL,
    port bigint NOT NULL,
    pass text COLLATE "C" NOT NULL,
    timeout_s bigint NOT NULL
);

-- The last revision whose effects a switch has seen.
CREATE TABLE switch_progress (
    switch text COLLATE "C" PRIMARY KEY NOT NULL,
    revision_id bigint NOT NULL
);

-- What a switch was told because of a revision, or what is offered to be told.
CREATE TABLE effect (
    id bigint PRIMARY KEY NOT NULL,
    revision_id bigint NOT NULL,
    switch text COLLATE "C" NOT NULL,
    command text COLLATE "C" NOT NULL,
    line text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    reply text COLLATE "C" NOT NULL,
    at_ms bigint NOT NULL
);
CREATE INDEX effect_revision ON effect (revision_id);
CREATE INDEX effect_state ON effect (switch, state);
INSERT INTO counter (name, last) VALUES ('effect', 0);
