-- What later rounds need of correlated noise, as of the last committed round of a task; null for other noise.
ALTER TABLE round ADD COLUMN noise VARCHAR(64);
