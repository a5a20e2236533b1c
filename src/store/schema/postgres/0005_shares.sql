-- Which replica may use how much of a budget, until when; `since`: when it was given more the last time.
CREATE TABLE share (
    budget bytea NOT NULL,
    boot bigint NOT NULL,
    held integer NOT NULL,
    wants integer NOT NULL,
    since bigint NOT NULL,
    lease_until bigint NOT NULL,
    PRIMARY KEY (budget, boot)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The row that replicas lock to take shares one after the other.
INSERT INTO meta (key, number) VALUES ('shares', 0);
