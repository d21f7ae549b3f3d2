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

CREATE TABLE instance_setting (
    instance_id bigint NOT NULL REFERENCES instance (id),
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (instance_id, name)
) WITHOUT ROWID;

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
    -- Grows from sibling to sibling, with gaps in which others find room. No two siblings have the same; the index does
    -- not say so, because it would do so while they are numbered anew, row by row.
    order_key bigint NOT NULL,
    tag text NOT NULL,
    -- A JSON array: name, value, name, value.
    attributes text NOT NULL,
    text text,
    enabled boolean NOT NULL,
    -- For a user of the directory that is no pointer: the node of its domain.
    domain_id bigint,
    -- For every user of a domain, pointers too: its attribute id.
    user_id text
);
CREATE INDEX node_children ON node (parent_id, order_key);
CREATE INDEX node_users ON node (instance_id, user_id, id) WHERE domain_id IS NOT NULL;
CREATE INDEX node_domain_users ON node (domain_id, user_id, id) WHERE domain_id IS NOT NULL;
CREATE INDEX node_user_names ON node (domain_id, lower(user_id)) WHERE domain_id IS NOT NULL;
CREATE INDEX node_pointers ON node (instance_id, lower(user_id)) WHERE domain_id IS NULL AND user_id IS NOT NULL;

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

-- Changes of what is no tree: accounts, settings, templates. Without secrets.
CREATE TABLE audit (
    id integer PRIMARY KEY NOT NULL,
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    detail text NOT NULL
);
INSERT INTO counter (name, last) VALUES ('audit', 0), ('template', 0), ('template_field', 0);

-- What new users of a domain are made from. They go with the node of their domain, which is no foreign key, as above.
CREATE TABLE template (
    id integer PRIMARY KEY NOT NULL,
    domain_id bigint NOT NULL,
    name text NOT NULL UNIQUE,
    directory_name text NOT NULL,
    cache bigint NOT NULL,
    cidr text NOT NULL,
    number_alias text NOT NULL,
    enabled boolean NOT NULL
);
CREATE INDEX template_domain ON template (domain_id);

-- Parameters and variables of templates: kind is param or variable.
CREATE TABLE template_field (
    id integer PRIMARY KEY NOT NULL,
    template_id bigint NOT NULL REFERENCES template (id) ON DELETE CASCADE,
    kind text NOT NULL,
    enabled boolean NOT NULL,
    name text NOT NULL,
    value text NOT NULL,
    description text NOT NULL,
    placeholder text NOT NULL,
    editable boolean NOT NULL,
    shown boolean NOT NULL,
    required boolean NOT NULL,
    UNIQUE (template_id, kind, name)
);
