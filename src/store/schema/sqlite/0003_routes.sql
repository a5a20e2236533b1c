-- account: the account that the message to the recipient goes through, if that is not the one of the write: a route's are its
-- accounts'.

ALTER TABLE recipient ADD COLUMN account TEXT;
