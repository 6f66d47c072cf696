-- The types are those of PostgreSQL; SQLite keeps what it is given in a column of any name.

CREATE TABLE task (
  name          VARCHAR(64) PRIMARY KEY,
  source        TEXT        NOT NULL,
  initial_model VARCHAR(64) NOT NULL
);

CREATE TABLE member (
  task        VARCHAR(64) NOT NULL,
  member      INTEGER     NOT NULL,
  identity    BYTEA       NOT NULL,
  certificate BYTEA,
  PRIMARY KEY (task, member),
  UNIQUE (task, identity)
);

CREATE TABLE model (
  digest VARCHAR(64) PRIMARY KEY,
  task   VARCHAR(64) NOT NULL,
  round  INTEGER     NOT NULL,
  length BIGINT      NOT NULL
);

-- state: RUNNING, COMMITTED or ABORTED. A committed round has a model and an optimizer state.
CREATE TABLE round (
  task      VARCHAR(64) NOT NULL,
  round     INTEGER     NOT NULL,
  state     VARCHAR(16) NOT NULL,
  plan      BYTEA       NOT NULL,
  cohort    BYTEA       NOT NULL,
  model     VARCHAR(64),
  optimizer VARCHAR(64),
  report    TEXT,
  PRIMARY KEY (task, round)
);

CREATE TABLE journal (
  task     VARCHAR(64) NOT NULL,
  round    INTEGER     NOT NULL,
  sequence INTEGER     NOT NULL,
  kind     VARCHAR(32) NOT NULL,
  payload  BYTEA       NOT NULL,
  PRIMARY KEY (task, round, sequence)
);

-- One chain for each population; the key is what makes an append compare-and-set.
CREATE TABLE ledger (
  population VARCHAR(64) NOT NULL,
  position   BIGINT      NOT NULL,
  entry      TEXT        NOT NULL,
  PRIMARY KEY (population, position)
);

-- The last entry of each chain, kept apart so that entries cut off its end are missed.
CREATE TABLE ledger_head (
  population VARCHAR(64) PRIMARY KEY,
  position   BIGINT      NOT NULL,
  hash       VARCHAR(64) NOT NULL
);
