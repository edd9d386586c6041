-- Rosters, lost tablets, locked log-ins, captures, acknowledged gaps.

ALTER TABLE device ADD COLUMN lost_at INTEGER;
-- Rises with every unlocking by the desk; the tablet applies one that it has not applied yet.
ALTER TABLE device ADD COLUMN unlock_serial INTEGER NOT NULL DEFAULT 0;
-- Lease of the newest roster that the tablet was given: no session reserved by one lasts longer.
ALTER TABLE device ADD COLUMN roster_until INTEGER NOT NULL DEFAULT 0;

-- Sessions that a roster promised. One stays the same in every roster until it is used, so that any
-- roster that a tablet still holds works. It begins with its first envelope or with the first use of
-- its token; the row goes when the token has been used, or when the session ends.
CREATE TABLE reserved_session (
    id          BLOB PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES device(id),
    officer     BLOB NOT NULL REFERENCES officer(id),
    token       BLOB NOT NULL UNIQUE,
    issued_at   INTEGER NOT NULL,
    -- An envelope of it has come.
    begun_at    INTEGER,
    -- The officer may log in by it no more. What they recorded before that was heard is still theirs.
    dead_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reserved_session_officer ON reserved_session(officer, device);
CREATE INDEX session_of_device ON session(device, opened_at);
CREATE INDEX session_of_officer ON session(officer) WHERE ended_at IS NULL;

-- Wrong passwords in a row, by login and by tablet (HMAC under a key beside the database): no name
-- lies here.
CREATE TABLE login_failure (
    who         BLOB PRIMARY KEY,
    failures    INTEGER NOT NULL,
    not_before  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages are answers, named by their question, or carry a body of their own (JSON).
CREATE TABLE message_of_any_kind (
    session  BLOB NOT NULL REFERENCES session(id),
    cursor   INTEGER NOT NULL,
    question BLOB UNIQUE,
    body     TEXT,
    PRIMARY KEY (session, cursor),
    CHECK ((question IS NULL) <> (body IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO message_of_any_kind (session, cursor, question)
    SELECT session, cursor, question FROM message;
DROP TABLE message;
ALTER TABLE message_of_any_kind RENAME TO message;

-- What a lost tablet reported of its wiping: when each stage was reported first, and the report (JSON).
CREATE TABLE wipe_report (
    device      BLOB NOT NULL REFERENCES device(id),
    stage       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (device, stage)
) STRICT, WITHOUT ROWID;

-- Sealed captures, as they were announced; the bytes lie in files. `received` counts what is on the
-- disk, and the file may hold more after a power cut.
CREATE TABLE capture (
    id          BLOB PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES device(id),
    size        INTEGER NOT NULL,
    received    INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    complete_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX capture_device ON capture(device);

-- Numbers that an administrator has declared lost, so that what follows them can become safe.
CREATE TABLE acknowledged_gap (
    device      BLOB NOT NULL REFERENCES device(id),
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (device, first)
) STRICT, WITHOUT ROWID;

-- Numbers of messages begin above this: those up to it were given out before the database was
-- restored from an older backup.
ALTER TABLE session ADD COLUMN cursor_base INTEGER NOT NULL DEFAULT 0;

-- Who named an encounter first.
CREATE INDEX envelope_first ON envelope(encounter, batch, seq) WHERE encounter IS NOT NULL;
