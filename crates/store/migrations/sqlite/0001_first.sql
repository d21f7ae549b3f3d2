-- SQLite. The same tables as in ../postgres, in SQLite's types: INTEGER PRIMARY KEY is the row's own place in the
-- file, and every other integer has 64 bits anyway. Text is compared byte by byte, and lower() knows ASCII only.

INSERT INTO meta (key, value) VALUES ('identity', lower(hex(randomblob(16))));

CREATE TABLE counter (
    name text PRIMARY KEY NOT NULL,
    last bigint NOT NULL
) WITHOUT ROWID;
-- Ids are never used again, not even those of what was deleted last.
INSERT INTO counter (name, last) VALUES ('instance', 0), ('node', 0), ('revision', 0), ('web_user', 0),
    ('session', 0),
    -- Grows whenever somebody may no longer do what they could: the sign for those who keep what they looked up.
    ('account', 0);

CREATE TABLE instance (
    id integer PRIMARY KEY NOT NULL,
    name text NOT NULL UNIQUE,
    description text NOT NULL,
    enabled boolean NOT NULL,
    is_default boolean NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE switch (
    name text PRIMARY KEY NOT NULL,
    instance_id bigint NOT NULL REFERENCES instance (id)
) WITHOUT ROWID;

-- No foreign keys here: they would be checked row by row while a directory of a million nodes is written. Nodes
-- are written by edits only, under the lock of their instance.
CREATE TABLE node (
    id integer PRIMARY KEY NOT NULL,
    instance_id bigint NOT NULL,
    -- NULL for the root.
    parent_id bigint,
    -- 1 to n among the siblings. Not unique in the index, because siblings are moved on one by one.
    position bigint NOT NULL,
    tag text NOT NULL,
    -- A JSON array: name, value, name, value.
    attributes text NOT NULL,
    text text,
    enabled boolean NOT NULL,
    -- For a user of the directory that is no pointer: the node of its domain, and its attribute id.
    domain_id bigint,
    user_id text
);
CREATE INDEX node_children ON node (parent_id, position);
CREATE INDEX node_users ON node (instance_id, user_id, id) WHERE domain_id IS NOT NULL;
CREATE INDEX node_domain_users ON node (domain_id, user_id, id) WHERE domain_id IS NOT NULL;

CREATE TABLE revision (
    id integer PRIMARY KEY NOT NULL,
    instance_id bigint NOT NULL REFERENCES instance (id),
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    origin text NOT NULL,
    summary text NOT NULL,
    -- A JSON array of parts.
    parts text NOT NULL
);
CREATE INDEX revision_instance ON revision (instance_id, id);

-- The steps of a revision: made in this order, undone in the opposite one.
CREATE TABLE change (
    revision_id bigint NOT NULL,
    seq bigint NOT NULL,
    node_id bigint NOT NULL,
    parent_id bigint,
    op text NOT NULL,
    before text,
    after text,
    PRIMARY KEY (revision_id, seq)
);
CREATE INDEX change_node ON change (node_id);

CREATE TABLE web_user (
    id integer PRIMARY KEY NOT NULL,
    login text NOT NULL,
    -- The login in lower case.
    login_key text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    role text NOT NULL,
    enabled boolean NOT NULL,
    created_at bigint NOT NULL,
    last_login_at bigint,
    -- The node of the directory's user who this is; it may be gone.
    sip_id bigint,
    -- The telephone in the browser: sipjs or verto, and where it connects.
    webrtc_lib text NOT NULL DEFAULT 'sipjs',
    ws text NOT NULL DEFAULT '',
    verto_ws text NOT NULL DEFAULT '',
    stun text NOT NULL DEFAULT '',
    lang bigint NOT NULL DEFAULT 0,
    locale text NOT NULL DEFAULT 'en',
    -- A file extension; empty without a picture.
    avatar_format text NOT NULL DEFAULT '',
    -- Last, because it is long.
    avatar blob
);

CREATE TABLE session (
    token_hash text PRIMARY KEY NOT NULL,
    -- For people and programs who list or end it.
    id bigint NOT NULL UNIQUE,
    user_id bigint NOT NULL REFERENCES web_user (id) ON DELETE CASCADE,
    -- gui or api.
    purpose text NOT NULL,
    -- What it may be used for, with blanks between; NULL: for all that its user may.
    scopes text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- NULL until it is used.
    last_used_at bigint
) WITHOUT ROWID;
CREATE INDEX session_of_user ON session (user_id);
