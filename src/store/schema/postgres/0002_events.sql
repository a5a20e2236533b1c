-- What the columns mean is said in SQLite's file.

ALTER TABLE write ADD COLUMN version integer NOT NULL DEFAULT 0;

CREATE TABLE event_head (
    id integer PRIMARY KEY CHECK (id = 1),
    oldest bigint NOT NULL,
    newest bigint NOT NULL,
    bytes bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

INSERT INTO event_head VALUES (1, 1, 0, 0);

CREATE TABLE event (
    sequence bigint PRIMARY KEY,
    id bytea NOT NULL UNIQUE,
    time bigint NOT NULL,
    account integer NOT NULL,
    kind integer NOT NULL,
    message_id text,
    number bytea,
    body bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE INDEX event_number ON event (number) WHERE number IS NOT NULL;

CREATE TABLE received (
    sequence bigint PRIMARY KEY,
    account integer NOT NULL,
    received_id text NOT NULL,
    number bytea NOT NULL,
    time bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE INDEX received_id ON received (account, received_id);

CREATE TABLE cursor (
    name text PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE subscription (
    name text PRIMARY KEY,
    acked bigint NOT NULL,
    stream bigint NOT NULL,
    body bytea NOT NULL
) WITH (fillfactor = 50);

INSERT INTO meta (key, number) VALUES ('epoch', floor(random() * 9007199254740991)::bigint);
