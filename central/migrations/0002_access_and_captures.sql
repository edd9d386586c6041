-- Rosters, lost tablets, locked log-ins, captures, acknowledged gaps.

ALTER TABLE device ADD COLUMN lost_at INTEGER;
-- Rises with every unlocking by the desk; the tablet applies one that it has not applied yet.
ALTER TABLE device ADD COLUMN unlock_serial INTEGER NOT NULL DEFAULT 0;

-- Sessions that a roster promised: one begins with its first use by the tablet.
CREATE TABLE reserved_session (
    id          BLOB PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES device(id),
    officer     BLOB NOT NULL REFERENCES officer(id),
    token       BLOB NOT NULL UNIQUE,
    issued_at   INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reserved_session_device ON reserved_session(device);

-- Wrong passwords in a row, by login and tablet (SHA-256 of both): no name lies here.
CREATE TABLE login_failure (
    who         BLOB PRIMARY KEY,
    failures    INTEGER NOT NULL,
    not_before  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rises when a tablet or an officer may do less, or more, than before, so that a running server
-- notices at once what the command line did beside it.
CREATE TABLE standing (generation INTEGER NOT NULL) STRICT;
INSERT INTO standing VALUES (0);
CREATE TRIGGER device_standing AFTER UPDATE OF lost_at, revoked_at ON device
BEGIN UPDATE standing SET generation = generation + 1; END;
CREATE TRIGGER officer_standing AFTER UPDATE OF active ON officer
BEGIN UPDATE standing SET generation = generation + 1; END;

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
