-- What happened to the round in flight, in order; gone when it ends.
CREATE TABLE round_event (
  task     VARCHAR(64) NOT NULL,
  round    INTEGER     NOT NULL,
  sequence INTEGER     NOT NULL,
  at       VARCHAR(40) NOT NULL,
  kind     VARCHAR(16) NOT NULL,
  slot     INTEGER     NOT NULL,
  content  BYTEA       NOT NULL,
  PRIMARY KEY (task, round, sequence)
);
