-- Each picture's file has a name of its own. Older ones are named by the SHA-256 of their content, which several may share.
ALTER TABLE pictures RENAME COLUMN sha256 TO name;
DROP INDEX pictures_by_content;
CREATE INDEX pictures_by_name ON pictures (name);
