-- tag: the tag of the send.

ALTER TABLE write ADD COLUMN tag TEXT;

CREATE INDEX write_tag ON write (account, tag) WHERE tag IS NOT NULL;
