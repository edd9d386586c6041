-- What the commander's report (§4) is made of: no envelope is opened for it.

-- An encounter as a report counts it; made anew from its envelopes at any time.
CREATE TABLE encounter_figures (
    encounter BLOB PRIMARY KEY REFERENCES encounter(id),
    -- Of the session that began it; none if that is not known.
    officer   BLOB REFERENCES officer(id),
    -- By the tablet's clock, and no later than its first envelope came.
    began_at  INTEGER NOT NULL,
    closed_at INTEGER,
    -- Id in the edition; kind of the outcome.
    ground    TEXT,
    outcome   TEXT,
    revealed  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX encounter_of_officer ON encounter_figures(officer, began_at);

-- Log-in and end by the officer's own facts: the tablet's clock, and no later than central's.
ALTER TABLE session ADD COLUMN began_at INTEGER;
ALTER TABLE session ADD COLUMN left_at INTEGER;
CREATE INDEX session_served ON session(officer, coalesce(began_at, opened_at));

-- Whom the answer found; no reference, for an answer stays when a person goes. Answers that were
-- given before are told by PINFL or document.
ALTER TABLE question ADD COLUMN person INTEGER;
UPDATE question SET person = coalesce(
        (SELECT id FROM person WHERE pinfl = answer ->> '$.result.person.pinfl'),
        (SELECT person FROM document WHERE number = answer ->> '$.result.person.document'))
    WHERE CASE WHEN json_valid(answer) THEN answer ->> '$.result.result' = 'found' ELSE 0 END;

-- What was assessed when less was asked of it: it is replayed again, and changes nothing else.
CREATE TABLE again (
    kind TEXT NOT NULL CHECK (kind IN ('encounter', 'session')),
    id   BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO again SELECT 'encounter', id FROM encounter;
INSERT INTO again SELECT 'session', id FROM session;
