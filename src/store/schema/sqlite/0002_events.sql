-- The version of a message: each change counts it up, and a change that was made of an older one has no effect.
ALTER TABLE write ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- The log of events, from the oldest one that is kept to the newest one, and the bytes that their bodies take.
CREATE TABLE event_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    oldest INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

INSERT INTO event_head VALUES (1, 1, 0, 0);

-- `sequence` has no holes: it is given within the commit. id: the digest of what happened, so that it is recorded once.
-- number: the hash of the number of the person whom the event is about. body: the encoded event.
CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    account INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    message_id TEXT,
    number BLOB,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX event_number ON event (number) WHERE number IS NOT NULL;

-- What received messages are listed by; each is in the event of its sequence. number: the hash of the receiving number.
CREATE TABLE received (
    sequence INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    received_id TEXT NOT NULL,
    number BLOB NOT NULL,
    time INTEGER NOT NULL
) STRICT;

CREATE INDEX received_id ON received (account, received_id);

-- Where a poller is at its vendor.
CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The readers of events that the store keeps the place of. acked: the last event that was processed. stream: the number
-- of the newest stream, which ends the ones before it.
CREATE TABLE subscription (
    name TEXT PRIMARY KEY,
    acked INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Readers come back with a place in the log of this number. Another log has another one.
INSERT INTO meta VALUES ('epoch', random() & 9223372036854775807);
