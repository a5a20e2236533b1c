-- Times are milliseconds since 1970. Ids of writes sort by time, see id.rs.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- The names of accounts, callers and methods, which other tables refer to by number.
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- The processes that share the store. `flushed` is updated to make a commit that flushes.
CREATE TABLE instance (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 1023),
    boot INTEGER NOT NULL,
    started INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    flushed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What one process does for all of them.
CREATE TABLE chore (
    name TEXT PRIMARY KEY,
    boot INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The idempotency keys, and the write that each belongs to. The row of a key that was freed is gone.
CREATE TABLE request_key (
    digest BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    write_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- state: 1 claimed, 2 done, 3 free, 4 unknown. owner: the boot of the process that makes the write. reply: the reply or
-- the error, if there is a digest. The columns from message_id on are those of the message, if the write sends one.
CREATE TABLE write (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    method INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    state INTEGER NOT NULL,
    digest BLOB,
    reply BLOB,
    message_id TEXT,
    message_state INTEGER,
    reference TEXT,
    schedule_time INTEGER,
    next_look_up INTEGER,
    body BLOB
) STRICT;

CREATE UNIQUE INDEX write_message ON write (account, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX write_reference ON write (account, reference) WHERE reference IS NOT NULL;
CREATE INDEX write_open ON write (state, next_look_up) WHERE state IN (1, 4);
CREATE INDEX write_due ON write (next_look_up) WHERE next_look_up IS NOT NULL;

CREATE TABLE recipient (
    write_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    to_hash BLOB NOT NULL,
    state INTEGER NOT NULL,
    vendor_message_id TEXT,
    is_final INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (write_id, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX recipient_to ON recipient (to_hash, write_id);
CREATE INDEX recipient_vendor ON recipient (vendor_message_id, write_id) WHERE vendor_message_id IS NOT NULL;

-- Keys of writes up to this id were removed by age.
INSERT INTO meta VALUES ('keys_removed_to', 0);
