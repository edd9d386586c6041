-- The tablet's vault. What is in clear here is what an envelope shows to anybody who carries it:
-- ids, numbers, times, sizes. All else is sealed for central or encrypted under a session's key.

-- One row: where the journal stands.
CREATE TABLE journal (
    one             INTEGER PRIMARY KEY CHECK (one = 1),
    -- The last number given, and the digest of its envelope.
    last_seq        INTEGER NOT NULL,
    head            BLOB    NOT NULL,
    -- Where this database took over; numbers up to here are not in it.
    base_seq        INTEGER NOT NULL,
    base_head       BLOB    NOT NULL,
    -- Central's marks, and when it last moved them.
    stored_through  INTEGER NOT NULL,
    safe_through    INTEGER NOT NULL,
    receipt_at      INTEGER NOT NULL,
    -- Events deleted after they were safe.
    deleted         INTEGER NOT NULL,
    -- Whether this database has been set to go on where the one before it stopped.
    met             INTEGER NOT NULL
) STRICT;

INSERT INTO journal VALUES (1, 0, zeroblob(32), 0, zeroblob(32), 0, 0, 0, 0, 0);

-- Journal and outbox in one: sealed once, sent as stored.
CREATE TABLE sealed (
    seq             INTEGER PRIMARY KEY,
    session         BLOB    NOT NULL,
    encounter       BLOB,
    urgency         INTEGER NOT NULL,
    key             BLOB    NOT NULL,
    previous        BLOB    NOT NULL,
    digest          BLOB    NOT NULL,
    at              INTEGER NOT NULL,
    stored          INTEGER NOT NULL DEFAULT 0,
    -- Why it does not go on by itself; NULL while nothing hinders it.
    stuck           TEXT,
    size            INTEGER NOT NULL,
    encapsulated    BLOB    NOT NULL,
    ciphertext      BLOB    NOT NULL
) STRICT;

CREATE INDEX sealed_unsent ON sealed (seq, encounter, urgency, size, at, stuck) WHERE stored = 0;

CREATE TABLE sessions (
    id              BLOB    PRIMARY KEY,
    login           BLOB    NOT NULL,
    salt            BLOB    NOT NULL,
    -- Pepper under the key store's entry; the session's key under password, device and pepper.
    pepper          BLOB    NOT NULL,
    key             BLOB    NOT NULL,
    -- What central granted, under the session's key.
    grant           BLOB    NOT NULL,
    opened_at       INTEGER NOT NULL,
    inbox_cursor    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Wrong passwords, by login token.
CREATE TABLE throttle (
    login           BLOB    PRIMARY KEY,
    failures        INTEGER NOT NULL,
    not_before      INTEGER NOT NULL
) STRICT;

-- The officer's own readable copy, under the session's key, without pictures.
CREATE TABLE readable (
    seq             INTEGER PRIMARY KEY,
    session         BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    encounter       BLOB,
    body            BLOB    NOT NULL
) STRICT;

CREATE INDEX readable_session ON readable (session, seq);

CREATE TABLE messages (
    session         BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    cursor          INTEGER NOT NULL,
    body            BLOB    NOT NULL,
    PRIMARY KEY (session, cursor)
) STRICT;
