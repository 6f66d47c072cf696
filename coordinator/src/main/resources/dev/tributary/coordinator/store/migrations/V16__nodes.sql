-- What several coordinators of one database share; in SQLite these tables stay empty. Times are milliseconds of the database's clock.

-- The coordinators, where others reach them, and until when they live unless they say so again.
CREATE TABLE node (
  id          VARCHAR(64)  PRIMARY KEY,
  address     VARCHAR(255) NOT NULL,
  fingerprint VARCHAR(100) NOT NULL,
  expires     BIGINT       NOT NULL
);

-- Which of them runs a job, and with which fencing token. It is nobody's once its node does not live.
CREATE TABLE job_owner (
  job   VARCHAR(64) PRIMARY KEY,
  node  VARCHAR(64) NOT NULL,
  token BIGINT      NOT NULL
);

-- key: under which they know each other's requests. coordinator: the public key that all of them sign offers with.
CREATE TABLE node_key (
  name  VARCHAR(16) PRIMARY KEY,
  bytes BYTEA       NOT NULL
);

-- Masked inputs of rounds in flight, whole, in parts of at most 1 MiB.
CREATE TABLE input_part (
  task   VARCHAR(64) NOT NULL,
  round  INTEGER     NOT NULL,
  member INTEGER     NOT NULL,
  part   INTEGER     NOT NULL,
  bytes  BYTEA       NOT NULL,
  PRIMARY KEY (task, round, member, part)
);

-- When a blob was written last: one that no row names is removed when it is old.
ALTER TABLE blob_part ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
