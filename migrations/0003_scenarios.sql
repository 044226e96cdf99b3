-- What would be if, kept under a name: the changes that are supposed, as JSON.
-- period is '' for the latest of each ledger; verdict is that of the day it was last saved.

CREATE TABLE scenario (
	id @pk,
	name @text NOT NULL,
	evaluation @text NOT NULL,
	area @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	period @text NOT NULL,
	changes @text NOT NULL,
	verdict @text NOT NULL,
	version @i64 NOT NULL,
	made_at @i64 NOT NULL,
	made_by @text NOT NULL,
	updated_at @i64 NOT NULL,
	updated_by @text NOT NULL
) @strict;
CREATE INDEX scenario_area ON scenario (area, evaluation, id);
