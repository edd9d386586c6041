-- Recordings by other means that are handed over at the desk (§32), and what the dock has found to be
-- recorded (§19).

-- Matters and decisions of any kind: which kinds there are, the program says. Nothing that refers to
-- them stays as it is, for a table that is referred to cannot be dropped.
CREATE TABLE matter_new (
    id        BLOB PRIMARY KEY,
    session   BLOB NOT NULL REFERENCES session(id),
    kind      TEXT NOT NULL,
    -- It wants the desk's word whether its session is open or not.
    open      INTEGER NOT NULL,
    -- The desk's word on a pause, as the tablet recorded it, and in which envelope.
    heard     INTEGER,
    heard_seq INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO matter_new (id, session, kind, open, heard, heard_seq)
    SELECT id, session, kind, open, heard, heard_seq FROM desk_matter;

CREATE TABLE decision_new (
    number  INTEGER PRIMARY KEY,
    matter  BLOB NOT NULL REFERENCES matter_new(id),
    kind    TEXT NOT NULL,
    -- JSON.
    event   TEXT NOT NULL,
    -- Who decided, in which envelope, and when by that tablet's clock.
    officer BLOB NOT NULL REFERENCES officer(id),
    device  BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    UNIQUE (device, seq)
) STRICT;
INSERT INTO decision_new (number, matter, kind, event, officer, device, seq, at)
    SELECT number, matter, kind, event, officer, device, seq, at FROM decision;

CREATE TABLE incident_new (
    id           BLOB PRIMARY KEY REFERENCES matter_new(id),
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
INSERT INTO incident_new (id, session, seq, at, encounter, report, supplements, supplemented)
    SELECT id, session, seq, at, encounter, report, supplements, supplemented FROM incident;

CREATE TABLE hold_new (
    incident BLOB NOT NULL REFERENCES incident_new(id),
    session  BLOB NOT NULL REFERENCES session(id),
    camera   TEXT NOT NULL,
    from_at  INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    PRIMARY KEY (incident, camera, from_at, to_at)
) STRICT, WITHOUT ROWID;
INSERT INTO hold_new (incident, session, camera, from_at, to_at)
    SELECT incident, session, camera, from_at, to_at FROM hold;

DROP TABLE hold;
DROP TABLE incident;
DROP TABLE decision;
DROP TABLE desk_matter;
ALTER TABLE matter_new RENAME TO desk_matter;
ALTER TABLE decision_new RENAME TO decision;
ALTER TABLE incident_new RENAME TO incident;
ALTER TABLE hold_new RENAME TO hold;

CREATE UNIQUE INDEX decision_once ON decision(matter, kind)
    WHERE kind NOT IN ('incident_classified', 'incident_asked', 'incident_linked');
CREATE INDEX decision_matter ON decision(matter, number);
CREATE INDEX desk_matter_open ON desk_matter(kind, session) WHERE open = 1;
CREATE INDEX desk_matter_session ON desk_matter(session);
CREATE INDEX incident_session ON incident(session);
CREATE INDEX incident_encounter ON incident(encounter) WHERE encounter IS NOT NULL;
CREATE INDEX hold_camera ON hold(camera, from_at, to_at);
CREATE TRIGGER hold_is_kept BEFORE UPDATE ON hold BEGIN SELECT RAISE(ABORT, 'a hold stays'); END;
CREATE TRIGGER hold_is_not_deleted BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'a hold stays'); END;

-- Recordings by other means, made anew from their session's envelopes at any time.
CREATE TABLE other_means (
    id      BLOB PRIMARY KEY REFERENCES desk_matter(id),
    session BLOB NOT NULL REFERENCES session(id),
    -- When its recording ended.
    to_at   INTEGER NOT NULL,
    -- It lies on something private: its deletion is to be confirmed.
    private INTEGER NOT NULL,
    -- JSON.
    state   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX other_means_session ON other_means(session);

-- When a session's officer held a bodycam, and when it was on, by the log; made anew like the shift.
CREATE TABLE duty_span (
    session BLOB NOT NULL REFERENCES session(id),
    kind    TEXT NOT NULL CHECK (kind IN ('held', 'on')),
    camera  TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    -- None: it goes on; what is known of that reaches as far as the session's last fact.
    to_at    INTEGER,
    known_at INTEGER NOT NULL,
    -- The envelope with which it began.
    seq     INTEGER NOT NULL,
    PRIMARY KEY (session, kind, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_span_camera ON duty_span(camera, session);

-- What readings of the dock found on a bodycam, and which time they speak of: from the end of the one
-- before, or from the first that was found, where they do not say.
CREATE TABLE dock_span (
    camera  TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at   INTEGER NOT NULL,
    PRIMARY KEY (camera, from_at, to_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE dock_reading (
    camera   TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    since_at INTEGER,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (camera, until_at)
) STRICT, WITHOUT ROWID;

-- Where log and dock differ; made anew when either has changed. What is found again keeps its time.
CREATE TABLE dock_finding (
    session  BLOB NOT NULL REFERENCES session(id),
    -- On by the log and not recorded; recorded and not on by the log.
    kind     TEXT NOT NULL CHECK (kind IN ('missing', 'extra')),
    camera   TEXT NOT NULL,
    from_at  INTEGER NOT NULL,
    to_at    INTEGER NOT NULL,
    found_at INTEGER NOT NULL,
    PRIMARY KEY (session, kind, camera, from_at, to_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX dock_finding_new ON dock_finding(found_at) WHERE kind = 'missing';

-- Shifts that were assessed before their times were asked for are replayed again.
INSERT OR IGNORE INTO again SELECT 'session', session FROM duty;
