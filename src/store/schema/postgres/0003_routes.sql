-- What the column means is said in SQLite's file.

ALTER TABLE recipient ADD COLUMN account text;
