-- Recordings by other means that are handed over at the desk (§32), and what the dock has found to be
-- recorded (§19).

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
