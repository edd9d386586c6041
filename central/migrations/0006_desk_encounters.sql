-- What desks see of encounters (§6, §9): people found, resistance, answers that came too late; and what
-- they have done about them.

-- Matters of a desk, and decisions on them, are of kinds that the program names: no list of them stands
-- here any more. What refers to them is checked when all of this is done.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE matter_before AS SELECT * FROM desk_matter;
CREATE TABLE decision_before AS SELECT * FROM decision;
DROP TABLE decision;
DROP TABLE desk_matter;
CREATE TABLE desk_matter (
    id        BLOB PRIMARY KEY,
    session   BLOB NOT NULL REFERENCES session(id),
    -- 'pause', 'fault', 'incident', 'custody', 'answer' (a question's id) or 'resistance' (an
    -- encounter's id).
    kind      TEXT NOT NULL,
    -- It wants the desk's word whether its session is open or not.
    open      INTEGER NOT NULL,
    -- The desk's word on a pause, as the tablet recorded it, and in which envelope.
    heard     INTEGER,
    heard_seq INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE decision (
    number  INTEGER PRIMARY KEY,
    matter  BLOB NOT NULL REFERENCES desk_matter(id),
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
INSERT INTO desk_matter (id, session, kind, open, heard, heard_seq)
    SELECT id, session, kind, open, heard, heard_seq FROM matter_before;
INSERT INTO decision (number, matter, kind, event, officer, device, seq, at)
    SELECT number, matter, kind, event, officer, device, seq, at FROM decision_before;
DROP TABLE matter_before;
DROP TABLE decision_before;
CREATE UNIQUE INDEX decision_once ON decision(matter, kind)
    WHERE kind NOT IN ('incident_classified', 'incident_asked', 'incident_linked');
CREATE INDEX decision_matter ON decision(matter, number);
CREATE INDEX desk_matter_open ON desk_matter(kind, session) WHERE open = 1;
CREATE INDEX desk_matter_session ON desk_matter(session);

-- Whom the answer names: 1 somebody wanted, 2 somebody missing, 3 both; candidates as well.
ALTER TABLE question ADD COLUMN grave INTEGER NOT NULL DEFAULT 0;
-- When it was asked, by the tablet's clock and no later than it came.
ALTER TABLE question ADD COLUMN asked_at INTEGER;
UPDATE question SET grave =
        EXISTS (SELECT 1 FROM json_tree(answer, '$.result')
                WHERE key = 'register' AND value = 'wanted' AND path LIKE '%.entries[%')
      + 2 * EXISTS (SELECT 1 FROM json_tree(answer, '$.result')
                WHERE key = 'register' AND value = 'missing' AND path LIKE '%.entries[%')
    WHERE answer IS NOT NULL AND json_valid(answer);
CREATE INDEX question_grave ON question(session) WHERE grave > 0;

-- Where it is, and the case of resistance with which it ended and when, if it did.
ALTER TABLE encounter_figures ADD COLUMN place TEXT;
ALTER TABLE encounter_figures ADD COLUMN resisted TEXT;
ALTER TABLE encounter_figures ADD COLUMN resisted_at INTEGER;

-- Whose tablet a lost one was last (§31).
CREATE INDEX device_lost ON device(id) WHERE lost_at IS NOT NULL;

-- An answer that the session does not have is the desk's, until it says what it did about it.
INSERT OR IGNORE INTO desk_matter (id, session, kind, open)
    SELECT question, session, 'answer', 0 FROM message WHERE question IN
        (SELECT id FROM question WHERE grave > 0);
INSERT INTO desk_matter (id, session, kind, open)
    SELECT question, session, 'answer', 1 FROM duty_answer WHERE true
    ON CONFLICT (id) DO UPDATE SET open = 1 WHERE kind = 'answer';
CREATE TRIGGER duty_answer_is_a_matter AFTER INSERT ON duty_answer BEGIN
    INSERT INTO desk_matter (id, session, kind, open) VALUES (NEW.question, NEW.session, 'answer', 1)
    ON CONFLICT (id) DO UPDATE SET open = 1 WHERE kind = 'answer' AND session = NEW.session;
END;
