-- Whose turn in the schedule is over with a round, packed as its cohort; null where that is its cohort. It differs where a spare was asked.
ALTER TABLE round ADD COLUMN drawn BYTEA;
