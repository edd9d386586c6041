-- Ids are 16 bytes, digests 32, moments milliseconds since 1970 (UTC), days YYYY-MM-DD.

CREATE TABLE device (
    id          BLOB PRIMARY KEY,
    name        TEXT NOT NULL,
    journal_key BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at  INTEGER,
    -- Every sequence number up to this one is stored.
    stored_through INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_code (
    hash        BLOB PRIMARY KEY,
    device_name TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE officer (
    id       BLOB PRIMARY KEY,
    login    TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    name     TEXT NOT NULL,
    rank     TEXT NOT NULL,
    unit     TEXT NOT NULL,
    role     TEXT NOT NULL,
    active   INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id          BLOB PRIMARY KEY,
    device      BLOB NOT NULL REFERENCES device(id),
    officer     BLOB NOT NULL REFERENCES officer(id),
    token       BLOB NOT NULL UNIQUE,
    opened_at   INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    ended_at    INTEGER,
    -- Highest cursor that the tablet has confirmed.
    seen        INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX session_device ON session(device) WHERE ended_at IS NULL;

-- One signature of a device over the digests that it sent together.
CREATE TABLE batch (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    device    BLOB NOT NULL REFERENCES device(id),
    digests   BLOB NOT NULL,
    signature BLOB NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

CREATE TABLE envelope (
    device       BLOB NOT NULL REFERENCES device(id),
    seq          INTEGER NOT NULL,
    session      BLOB NOT NULL,
    encounter    BLOB,
    urgency      INTEGER NOT NULL,
    key          BLOB NOT NULL,
    previous     BLOB NOT NULL,
    digest       BLOB NOT NULL,
    batch        INTEGER NOT NULL REFERENCES batch(id),
    at           INTEGER NOT NULL,
    assessed     INTEGER NOT NULL DEFAULT 0,
    encapsulated BLOB NOT NULL,
    ciphertext   BLOB NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT;
CREATE INDEX envelope_encounter ON envelope(encounter, device, seq);
CREATE INDEX envelope_batch ON envelope(batch);
CREATE INDEX envelope_waiting ON envelope(device, seq) WHERE assessed = 0;

CREATE TABLE envelope_flag (
    device BLOB NOT NULL,
    seq    INTEGER NOT NULL,
    flag   TEXT NOT NULL,
    PRIMARY KEY (device, seq, flag)
) STRICT, WITHOUT ROWID;

-- What the procedure's machine made of an encounter; made anew from its envelopes at any time.
CREATE TABLE encounter (
    id      BLOB PRIMARY KEY,
    device  BLOB NOT NULL,
    session BLOB NOT NULL,
    stage   TEXT NOT NULL,
    flags   TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE question (
    id          BLOB PRIMARY KEY,
    device      BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    session     BLOB NOT NULL,
    encounter   BLOB NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('held', 'queued', 'withdrawn', 'answered')),
    arrived_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    answered_at INTEGER,
    -- JSON of the answer.
    answer      TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX question_queued ON question(arrived_at) WHERE state = 'queued';
CREATE INDEX question_encounter ON question(encounter);

CREATE TABLE message (
    session  BLOB NOT NULL REFERENCES session(id),
    cursor   INTEGER NOT NULL,
    question BLOB NOT NULL UNIQUE,
    PRIMARY KEY (session, cursor)
) STRICT, WITHOUT ROWID;

-- Answers that came after their session had ended, or that the session never fetched.
CREATE TABLE duty_answer (
    question BLOB PRIMARY KEY,
    session  BLOB NOT NULL,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    id         INTEGER PRIMARY KEY,
    external   TEXT NOT NULL UNIQUE,
    surname    TEXT NOT NULL,
    given      TEXT NOT NULL,
    patronymic TEXT,
    birth_date TEXT NOT NULL,
    address    TEXT NOT NULL,
    pinfl      TEXT UNIQUE
) STRICT;

CREATE TABLE document (
    number   TEXT PRIMARY KEY,
    person   INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX document_person ON document(person);

CREATE TABLE register_entry (
    id       INTEGER PRIMARY KEY,
    person   INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
    register TEXT NOT NULL,
    source   TEXT NOT NULL,
    date     TEXT NOT NULL,
    spent    INTEGER,
    note     TEXT
) STRICT;
CREATE INDEX register_entry_person ON register_entry(person);

CREATE TABLE register_state (
    register TEXT NOT NULL,
    source   TEXT NOT NULL,
    as_of    TEXT NOT NULL,
    PRIMARY KEY (register, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE print (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE,
    finger   INTEGER NOT NULL,
    template BLOB NOT NULL
) STRICT;
CREATE INDEX print_person ON print(person);

-- Rises with every change of the gallery, so that a running server notices a change from outside.
CREATE TABLE gallery (generation INTEGER NOT NULL) STRICT;
INSERT INTO gallery VALUES (0);
CREATE TRIGGER print_added AFTER INSERT ON print BEGIN UPDATE gallery SET generation = generation + 1; END;
CREATE TRIGGER print_removed AFTER DELETE ON print BEGIN UPDATE gallery SET generation = generation + 1; END;
CREATE TRIGGER print_changed AFTER UPDATE ON print BEGIN UPDATE gallery SET generation = generation + 1; END;

-- Who did what: codes and ids, never personal data.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    event   TEXT NOT NULL,
    device  BLOB,
    session BLOB,
    officer BLOB,
    subject TEXT
) STRICT;
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit journal is append-only'); END;

CREATE TRIGGER envelope_is_kept BEFORE DELETE ON envelope BEGIN SELECT RAISE(ABORT, 'evidence is not deleted'); END;
