-- Offline log-in, the lock on guessed passwords, captures.

-- The roster of officers who may log in with no connection, under the key store's entry `roster`.
CREATE TABLE roster (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    -- Its key, wrapped by the key store.
    key         BLOB    NOT NULL,
    body        BLOB    NOT NULL
) STRICT;

-- Sessions that a roster had promised and that began here: none begins twice.
CREATE TABLE roster_used (
    session     BLOB    PRIMARY KEY,
    at          INTEGER NOT NULL
) STRICT;

-- Wrong passwords of this tablet, authenticated by the key store and bound to its counter, so that
-- an older copy of this file is told apart.
DROP TABLE throttle;
CREATE TABLE attempts (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    record      BLOB    NOT NULL,
    mac         BLOB    NOT NULL
) STRICT;

-- Captures too large for an event: each a file of sealed chunks in `captures/`. The row is written
-- in the transaction of the event that names the capture.
CREATE TABLE captures (
    id          BLOB    PRIMARY KEY,
    seq         INTEGER NOT NULL,
    session     BLOB    NOT NULL,
    encounter   BLOB,
    -- Bytes of the sealed file, and its SHA-256.
    size        INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    at          INTEGER NOT NULL,
    -- Bytes that central has.
    sent        INTEGER NOT NULL DEFAULT 0,
    -- Central has it whole, and replicated.
    safe        INTEGER NOT NULL DEFAULT 0,
    stuck       TEXT
) STRICT;
CREATE INDEX captures_unsent ON captures (at) WHERE safe = 0;

-- What was put back into `sealed` out of a database that was moved aside: each once.
CREATE TABLE salvaged (
    seq         INTEGER NOT NULL,
    digest      BLOB    NOT NULL,
    PRIMARY KEY (seq, digest)
) STRICT, WITHOUT ROWID;
