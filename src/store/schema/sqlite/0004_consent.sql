-- The people who must not be written to, and those who may again, by brand. number: the hash of the number. origin: who said
-- so; a lower one does not replace a higher one. person: the number itself; empty once it was erased.
CREATE TABLE consent (
    brand TEXT NOT NULL,
    number BLOB NOT NULL,
    blocked INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    time INTEGER NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (brand, number)
) STRICT, WITHOUT ROWID;

-- What changed them, in order and for ever. blocked, origin: those of the person after the change. act_time: when the person
-- said so. hash: of this record and of the hash before it, without `evidence`, which may be erased, but with its digest.
CREATE TABLE consent_record (
    sequence INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    number BLOB NOT NULL,
    blocked INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    act_time INTEGER NOT NULL,
    time INTEGER NOT NULL,
    digest BLOB NOT NULL,
    evidence BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX consent_record_number ON consent_record (number);
