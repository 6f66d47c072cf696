-- A member that joined a job that had begun: the rounds that it counts as having been in, and the round after which it joined; 0 and 0 for all others.
ALTER TABLE member ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN after_round INTEGER NOT NULL DEFAULT 0;

-- 1 for a member that has withdrawn and is drawn no more; one whose place the schedule needs is drawn, and is not there.
ALTER TABLE member ADD COLUMN unscheduled INTEGER NOT NULL DEFAULT 0;
