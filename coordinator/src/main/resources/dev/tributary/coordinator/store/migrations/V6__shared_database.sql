-- What only a database that several machines reach needs; in SQLite these tables stay empty.

-- Whose the store is: until when, in milliseconds of the database's clock, and with which fencing token.
CREATE TABLE lease (
  name    VARCHAR(64)  PRIMARY KEY,
  owner   VARCHAR(255) NOT NULL,
  token   BIGINT       NOT NULL,
  expires BIGINT       NOT NULL
);

-- Blobs in parts of at most 1 MiB.
CREATE TABLE blob_part (
  digest VARCHAR(64) NOT NULL,
  part   INTEGER     NOT NULL,
  bytes  BYTEA       NOT NULL,
  PRIMARY KEY (digest, part)
);
