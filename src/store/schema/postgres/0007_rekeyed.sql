-- What the column means is said in SQLite's file.

ALTER TABLE consent_record ADD COLUMN rekeyed bytea;

CREATE INDEX consent_record_person ON consent_record (coalesce(rekeyed, number));
DROP INDEX consent_record_number;
