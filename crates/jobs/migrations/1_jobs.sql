-- A generation that a client asked for; crates/jobs/src/lib.rs has the states.
CREATE TABLE jobs (
    -- The order of the queue and of the history; never given twice.
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    owner    TEXT NOT NULL,
    share    TEXT NOT NULL UNIQUE,
    state    TEXT NOT NULL DEFAULT 'waiting'
             CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    -- How often it was claimed.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Why it failed, for the user.
    reason   TEXT NOT NULL DEFAULT '',
    -- Milliseconds since 1970.
    created  INTEGER NOT NULL,
    prompt   TEXT NOT NULL,
    seed     INTEGER NOT NULL,
    width    INTEGER NOT NULL,
    height   INTEGER NOT NULL,
    samples  INTEGER NOT NULL,
    steps    INTEGER NOT NULL,
    -- A list of texts as JSON.
    notes    TEXT NOT NULL DEFAULT '[]',
    -- The whole request as JSON.
    request  TEXT NOT NULL
) STRICT;

CREATE INDEX jobs_by_owner ON jobs (owner, number);
CREATE INDEX jobs_by_state ON jobs (state, number);

-- The pictures of a job; their content lies in files named by its SHA-256.
CREATE TABLE pictures (
    job    INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX pictures_by_content ON pictures (sha256);
