-- Citizens' complaints about encounters (§26). The encounter need not be here yet, and what is recorded of it
-- is held from the moment that either is known: holds are found, never written down.
CREATE TABLE complaint (
    -- As the complaint was registered where it was received.
    number        TEXT NOT NULL,
    encounter     BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (number, encounter)
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_encounter ON complaint(encounter);
CREATE TRIGGER complaint_is_kept BEFORE UPDATE ON complaint BEGIN SELECT RAISE(ABORT, 'a complaint stays'); END;
CREATE TRIGGER complaint_is_not_deleted BEFORE DELETE ON complaint BEGIN SELECT RAISE(ABORT, 'a complaint stays'); END;
