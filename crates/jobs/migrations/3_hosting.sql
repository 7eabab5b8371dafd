-- When a job came to its end, in milliseconds since 1970; retention goes by it.
ALTER TABLE jobs ADD COLUMN ended INTEGER;
UPDATE jobs SET ended = created WHERE state IN ('done', 'failed', 'cancelled');
CREATE INDEX jobs_by_end ON jobs (ended) WHERE ended IS NOT NULL;
CREATE TRIGGER jobs_end AFTER UPDATE OF state ON jobs
WHEN NEW.state IN ('done', 'failed', 'cancelled') AND NEW.ended IS NULL
BEGIN
    UPDATE jobs SET ended = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE number = NEW.number;
END;

-- What the client calls this submission, and the SHA-256 of what it submitted: the same again is the same job.
ALTER TABLE jobs ADD COLUMN key TEXT;
ALTER TABLE jobs ADD COLUMN body TEXT;
CREATE UNIQUE INDEX jobs_by_key ON jobs (owner, key) WHERE key IS NOT NULL;

-- How long a picture's file is.
ALTER TABLE pictures ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
