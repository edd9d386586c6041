-- Portraits of registers (§3, §12), one a person: for a search by face, and for a person to compare. A street
-- capture never comes here.
CREATE TABLE portrait (
    person    INTEGER PRIMARY KEY REFERENCES person(id) ON DELETE CASCADE,
    jpeg      BLOB NOT NULL,
    -- 128 numbers of four bytes, little endian; absent until central has the model that makes them.
    embedding BLOB
) STRICT;
-- The gallery of faces and that of prints change together. That an embedding was made changes neither.
CREATE TRIGGER portrait_added AFTER INSERT ON portrait BEGIN UPDATE gallery SET generation = generation + 1; END;
CREATE TRIGGER portrait_removed AFTER DELETE ON portrait BEGIN UPDATE gallery SET generation = generation + 1; END;
CREATE TRIGGER portrait_changed AFTER UPDATE OF jpeg ON portrait BEGIN UPDATE gallery SET generation = generation + 1; END;
