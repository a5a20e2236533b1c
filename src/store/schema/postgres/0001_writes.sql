-- Times are milliseconds since 1970. Ids of writes sort by time, see id.rs. What the columns mean is said in SQLite's file.

CREATE TABLE name (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text NOT NULL UNIQUE
);

CREATE TABLE instance (
    id integer PRIMARY KEY CHECK (id BETWEEN 0 AND 1023),
    boot bigint NOT NULL UNIQUE,
    started bigint NOT NULL,
    lease_until bigint NOT NULL,
    flushed bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE chore (
    name text PRIMARY KEY,
    boot bigint NOT NULL,
    lease_until bigint NOT NULL
);

CREATE TABLE request_key (
    digest bytea PRIMARY KEY,
    body bytea NOT NULL,
    write_id bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01);

CREATE TABLE write (
    id bigint PRIMARY KEY,
    account integer NOT NULL,
    caller integer NOT NULL,
    method integer NOT NULL,
    owner bigint NOT NULL,
    state smallint NOT NULL,
    digest bytea,
    reply bytea,
    message_id text,
    message_state integer,
    reference text,
    schedule_time bigint,
    next_look_up bigint,
    body bytea
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);

CREATE UNIQUE INDEX write_message ON write (account, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX write_reference ON write (account, reference) WHERE reference IS NOT NULL;
CREATE INDEX write_open ON write (state, next_look_up) WHERE state IN (1, 4);
CREATE INDEX write_due ON write (next_look_up) WHERE next_look_up IS NOT NULL;

CREATE TABLE recipient (
    write_id bigint NOT NULL,
    n integer NOT NULL,
    to_hash bytea NOT NULL,
    state integer NOT NULL,
    vendor_message_id text,
    is_final boolean NOT NULL DEFAULT false,
    PRIMARY KEY (write_id, n)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);

CREATE INDEX recipient_to ON recipient (to_hash, write_id);
CREATE INDEX recipient_vendor ON recipient (vendor_message_id, write_id) WHERE vendor_message_id IS NOT NULL;

INSERT INTO meta (key, number) VALUES ('keys_removed_to', 0);
