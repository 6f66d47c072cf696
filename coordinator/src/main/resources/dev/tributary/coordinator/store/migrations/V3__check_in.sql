-- Nonces of check-ins, so that none counts twice, whatever happens between. Older ones are refused by their time.
CREATE TABLE check_in (
  nonce BYTEA  PRIMARY KEY,
  at    BIGINT NOT NULL
);
CREATE INDEX check_in_at ON check_in (at);
