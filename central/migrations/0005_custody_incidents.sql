-- Custody of tablets (§13 to §16, §30, §31), incident reports (§22), and what a shift begins with.

-- Matters of a desk are incidents and custodies as well; the session that named one first owns it.
CREATE TABLE matter_of_any_kind (
    id        BLOB PRIMARY KEY,
    session   BLOB NOT NULL REFERENCES session(id),
    kind      TEXT NOT NULL CHECK (kind IN ('pause', 'fault', 'incident', 'custody')),
    -- It wants the desk's word whether its session is open or not.
    open      INTEGER NOT NULL,
    -- The desk's word on a pause, as the tablet recorded it, and in which envelope.
    heard     INTEGER,
    heard_seq INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO matter_of_any_kind (id, session, kind, open, heard, heard_seq)
    SELECT id, session, kind, open, heard, heard_seq FROM desk_matter;

-- What counts, in the order in which it was decided: of most kinds the first, of the others each.
CREATE TABLE decision_of_any_kind (
    number  INTEGER PRIMARY KEY,
    matter  BLOB NOT NULL REFERENCES matter_of_any_kind(id),
    kind    TEXT NOT NULL CHECK (kind IN (
                'pause_decided', 'fault_assigned', 'fault_closed',
                'incident_received', 'incident_classified', 'incident_asked', 'incident_linked',
                'incident_closed', 'custody_settled')),
    -- JSON.
    event   TEXT NOT NULL,
    -- Who decided, in which envelope, and when by that tablet's clock.
    officer BLOB NOT NULL REFERENCES officer(id),
    device  BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    UNIQUE (device, seq)
) STRICT;
INSERT INTO decision_of_any_kind (matter, kind, event, officer, device, seq, at)
    SELECT matter, kind, event, officer, device, seq, at FROM decision ORDER BY at, device, seq;
DROP TABLE decision;
DROP TABLE desk_matter;
ALTER TABLE matter_of_any_kind RENAME TO desk_matter;
ALTER TABLE decision_of_any_kind RENAME TO decision;
CREATE UNIQUE INDEX decision_once ON decision(matter, kind)
    WHERE kind NOT IN ('incident_classified', 'incident_asked', 'incident_linked');
CREATE INDEX decision_matter ON decision(matter, number);
CREATE INDEX desk_matter_open ON desk_matter(kind, session) WHERE open = 1;
CREATE INDEX desk_matter_session ON desk_matter(session);

-- The bodycam that an officer holds by the shift's last fact, and since when.
ALTER TABLE duty ADD COLUMN held TEXT;
ALTER TABLE duty ADD COLUMN held_since INTEGER;
CREATE INDEX duty_held ON duty(held) WHERE held IS NOT NULL;

-- Incident reports, made anew from their session's envelopes at any time.
CREATE TABLE incident (
    id           BLOB PRIMARY KEY REFERENCES desk_matter(id),
    session      BLOB NOT NULL REFERENCES session(id),
    -- The envelope of the report, and when it was written by the officer's tablet.
    seq          INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    encounter    BLOB,
    -- JSON.
    report       TEXT NOT NULL,
    supplements  TEXT NOT NULL,
    -- The batch that brought the newest supplement.
    supplemented INTEGER
) STRICT;
CREATE INDEX incident_session ON incident(session);
CREATE INDEX incident_encounter ON incident(encounter) WHERE encounter IS NOT NULL;

-- Recordings that are held with an incident (§22, §26).
CREATE TABLE hold (
    incident BLOB NOT NULL REFERENCES incident(id),
    session  BLOB NOT NULL REFERENCES session(id),
    camera   TEXT NOT NULL,
    from_at  INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    PRIMARY KEY (incident, camera, from_at, to_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_camera ON hold(camera, from_at, to_at);
CREATE TRIGGER hold_is_kept BEFORE UPDATE ON hold BEGIN SELECT RAISE(ABORT, 'a hold stays'); END;
CREATE TRIGGER hold_is_not_deleted BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'a hold stays'); END;

-- The chain of a tablet's custody, in the order of its envelopes, which may come in another: what
-- follows a late one is made anew.
CREATE TABLE custody_step (
    device  BLOB NOT NULL REFERENCES device(id),
    seq     INTEGER NOT NULL,
    session BLOB NOT NULL REFERENCES session(id),
    officer BLOB NOT NULL REFERENCES officer(id),
    at      INTEGER NOT NULL,
    -- Of a taking over, the custody that begins with it.
    custody BLOB,
    -- Whether it says how fit the tablet is for duty.
    checked INTEGER NOT NULL,
    -- JSON of the event, of the flags it raised, and of the custody after it.
    event   TEXT NOT NULL,
    flags   TEXT NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT;
CREATE INDEX custody_step_custody ON custody_step(custody) WHERE custody IS NOT NULL;

-- The last step of each tablet, and whose tablet it is by that: who holds it, or handed it in.
CREATE TABLE custody (
    device  BLOB PRIMARY KEY REFERENCES device(id),
    seq     INTEGER NOT NULL,
    officer BLOB NOT NULL REFERENCES officer(id)
) STRICT, WITHOUT ROWID;
CREATE INDEX custody_officer ON custody(officer);

-- Standing assignments (§14).
CREATE TABLE tablet_assignment (
    device  BLOB PRIMARY KEY REFERENCES device(id),
    officer BLOB NOT NULL UNIQUE REFERENCES officer(id),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE camera_assignment (
    camera  TEXT PRIMARY KEY,
    officer BLOB NOT NULL UNIQUE REFERENCES officer(id),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Places that the head of a unit has named (§16), and the day's notices to it.
CREATE TABLE unit_place (
    unit  TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (unit, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE unit_notice (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    unit   TEXT NOT NULL,
    text   TEXT NOT NULL,
    -- Shown until then.
    until  INTEGER NOT NULL
) STRICT;
CREATE INDEX unit_notice_unit ON unit_notice(unit, until);

-- The oldest program that is up to date; one row, or none.
CREATE TABLE minimum_version (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version TEXT NOT NULL
) STRICT;
