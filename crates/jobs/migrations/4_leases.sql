-- What a job was claimed with, drawn anew with each claim: who comes too late finds that the job is another's.
ALTER TABLE jobs ADD COLUMN lease TEXT;
-- When that runs out, in milliseconds since 1970; without a time it never does.
ALTER TABLE jobs ADD COLUMN lease_ends INTEGER;
