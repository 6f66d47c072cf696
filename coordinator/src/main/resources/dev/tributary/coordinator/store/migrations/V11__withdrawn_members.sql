-- When a member has withdrawn, in milliseconds since the epoch; null while it is in. Its identity becomes its number and its
-- certificate null, at once or with the end of the round in flight; the row stays, since rounds name members by number.
ALTER TABLE member ADD COLUMN withdrawn BIGINT;
CREATE INDEX member_identity ON member (identity);
