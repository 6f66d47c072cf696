-- When the store was put back from a backup. Until acknowledged, nothing is spent: what was spent after the backup is not in it.
CREATE TABLE restored (
  number       INTEGER     PRIMARY KEY,
  at           VARCHAR(40) NOT NULL,
  made         VARCHAR(40) NOT NULL,
  acknowledged VARCHAR(40)
);
