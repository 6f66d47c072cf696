-- The clip norm that the next round has, where it adapts: committed with the model of the round that moved it.
ALTER TABLE round ADD COLUMN clip_norm DOUBLE PRECISION;
