-- Whose address a job came from, told from others' and not to be told itself; without one it counts for no household.
ALTER TABLE jobs ADD COLUMN household TEXT;
-- Was its client here for the first time? All such of a household count as one.
ALTER TABLE jobs ADD COLUMN is_new INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_open_by_household ON jobs (household, is_new, turn) WHERE state IN ('waiting', 'running');
