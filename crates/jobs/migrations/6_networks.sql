-- What the program calls it: an address, or the network of one customer.
ALTER TABLE jobs RENAME COLUMN household TO network;
DROP INDEX jobs_open_by_household;
CREATE INDEX jobs_open_by_network ON jobs (network, is_new, turn) WHERE state IN ('waiting', 'running');
