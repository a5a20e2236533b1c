-- What the columns mean is said in SQLite's file.

CREATE TABLE consent (
    brand text COLLATE "C" NOT NULL,
    number bytea NOT NULL,
    blocked boolean NOT NULL,
    origin integer NOT NULL,
    time bigint NOT NULL,
    person bytea NOT NULL,
    PRIMARY KEY (brand, number)
);

CREATE TABLE consent_record (
    sequence bigint PRIMARY KEY,
    brand text COLLATE "C" NOT NULL,
    number bytea NOT NULL,
    blocked boolean NOT NULL,
    origin integer NOT NULL,
    act_time bigint NOT NULL,
    time bigint NOT NULL,
    digest bytea NOT NULL,
    evidence bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE INDEX consent_record_number ON consent_record (number);
