-- What the column means is said in SQLite's file.

ALTER TABLE write ADD COLUMN tag text;

CREATE INDEX write_tag ON write (account, tag) WHERE tag IS NOT NULL;
