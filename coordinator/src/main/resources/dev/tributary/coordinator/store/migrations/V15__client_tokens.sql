-- Keys under which clients' tokens are signed, so that each coordinator of a store knows the tokens of all. Times are milliseconds
-- since the epoch: a key signs until one, and goes with the last token that it can have signed at the other.
CREATE TABLE client_token_key (
  id          BIGINT PRIMARY KEY,
  secret      BYTEA  NOT NULL,
  signs_until BIGINT NOT NULL,
  ends        BIGINT NOT NULL
);

-- How often mailboxes were begun; what is delivered under a later term has higher numbers than all before it. One row.
CREATE TABLE mailbox (
  number INTEGER PRIMARY KEY,
  term   BIGINT  NOT NULL
);
