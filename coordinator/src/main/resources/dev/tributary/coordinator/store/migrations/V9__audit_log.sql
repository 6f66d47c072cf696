-- Who did what, and every change of trust: a chain, in which each hash is over the entry and the hash before it.
CREATE TABLE audit_entry (
  number BIGINT       PRIMARY KEY,
  at     VARCHAR(40)  NOT NULL,
  who    VARCHAR(200) NOT NULL,
  what   VARCHAR(32)  NOT NULL,
  detail TEXT         NOT NULL,
  hash   VARCHAR(64)  NOT NULL
);

-- The last entry, kept apart so that entries cut off the end are missed.
CREATE TABLE audit_head (
  name   VARCHAR(16) PRIMARY KEY,
  number BIGINT      NOT NULL,
  hash   VARCHAR(64) NOT NULL
);
