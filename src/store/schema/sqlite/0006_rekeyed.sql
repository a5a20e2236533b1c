-- The hash that the person of a record has in `consent` since the number was hashed with another key; NULL: `number`, which the
-- hash of the record is of.
ALTER TABLE consent_record ADD COLUMN rekeyed BLOB;

CREATE INDEX consent_record_person ON consent_record (coalesce(rekeyed, number));
DROP INDEX consent_record_number;
