-- Tokens of people and programs that administer the coordinator. The secret itself is nowhere.
CREATE TABLE token (
  name    VARCHAR(64) PRIMARY KEY,
  role    VARCHAR(16) NOT NULL,
  digest  BYTEA       NOT NULL,
  created VARCHAR(40) NOT NULL,
  expires VARCHAR(40) NOT NULL,
  revoked VARCHAR(40)
);

-- What those who administer a job have said of it; a job without a row runs. state: RUNNING, PAUSED or CANCELLED.
CREATE TABLE job_control (
  task  VARCHAR(64) PRIMARY KEY,
  state VARCHAR(16) NOT NULL
);
