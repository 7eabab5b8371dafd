-- How much there is to do: pixels times steps.
ALTER TABLE jobs ADD COLUMN work INTEGER GENERATED ALWAYS AS (steps * samples * width * height) VIRTUAL;
-- The order of the queue, smallest first: crates/jobs/src/client.rs says how it comes about.
ALTER TABLE jobs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;

DROP INDEX jobs_by_state;
CREATE INDEX jobs_in_line ON jobs (state, turn, number, work);
CREATE INDEX jobs_open ON jobs (owner, turn) WHERE state IN ('waiting', 'running');
