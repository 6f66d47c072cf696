-- Jobs that were submitted to a coordinator, with their files, in the order in which they came; they stay.
CREATE TABLE submitted_job (
  name   VARCHAR(64) PRIMARY KEY,
  number INTEGER     NOT NULL UNIQUE,
  source TEXT        NOT NULL
);
