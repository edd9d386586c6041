-- The bodycam's shift of each session, and what desks decide (§17 to §21, §4).

-- What the bodycam's machine made of a session's facts; made anew from its envelopes at any time.
CREATE TABLE duty (
    session  BLOB PRIMARY KEY REFERENCES session(id),
    -- JSON of the shift.
    state    TEXT NOT NULL,
    -- The officer's own end of the session, by the tablet's clock.
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

-- Pauses and faults, by the id that a desk decides on; the session that named it first owns it.
CREATE TABLE desk_matter (
    id        BLOB PRIMARY KEY,
    session   BLOB NOT NULL REFERENCES session(id),
    kind      TEXT NOT NULL CHECK (kind IN ('pause', 'fault')),
    -- It wants the desk's word whether its session is open or not.
    open      INTEGER NOT NULL,
    -- The desk's word on a pause, as the tablet recorded it, and in which envelope.
    heard     INTEGER,
    heard_seq INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX desk_matter_open ON desk_matter(session) WHERE open = 1;
CREATE INDEX desk_matter_session ON desk_matter(session);

-- What counts: the first decision of each kind.
CREATE TABLE decision (
    matter  BLOB NOT NULL REFERENCES desk_matter(id),
    kind    TEXT NOT NULL CHECK (kind IN ('pause_decided', 'fault_assigned', 'fault_closed')),
    -- JSON.
    event   TEXT NOT NULL,
    -- Who decided, in which envelope, and when by that tablet's clock.
    officer BLOB NOT NULL REFERENCES officer(id),
    device  BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (matter, kind)
) STRICT, WITHOUT ROWID;

-- Sessions that have looked at the desk's board.
CREATE TABLE desk_look (
    session BLOB PRIMARY KEY REFERENCES session(id),
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A session's facts outside encounters.
CREATE INDEX envelope_alone ON envelope(session, device, seq) WHERE encounter IS NULL;
-- Assessed in the order in which they came: of two decisions the first counts.
DROP INDEX envelope_waiting;
CREATE INDEX envelope_waiting ON envelope(batch, seq) WHERE assessed = 0;
CREATE INDEX officer_unit ON officer(unit);
CREATE INDEX session_over ON session(officer, ended_at);
-- What an officer has asked last is looked up before what they had asked earlier.
CREATE INDEX question_session ON question(session, seq);
