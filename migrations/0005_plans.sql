-- Plans of allocation: what was asked, what came out, and how far a decision has come. request, headline and
-- result are JSON. state is that of the flow of the ledger that takes the rows; import_id is 0 while none of
-- them stand there, row_version is the version they have there.

CREATE TABLE allocation_plan (
	id @pk,
	name @text NOT NULL,
	kind @text NOT NULL,
	area @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	period @text NOT NULL,
	request @text NOT NULL,
	headline @text NOT NULL,
	result @text NOT NULL,
	state @text NOT NULL,
	note @text NOT NULL,
	moved_by @text NOT NULL,
	import_id @i64 NOT NULL,
	row_version @i64 NOT NULL,
	version @i64 NOT NULL,
	made_at @i64 NOT NULL,
	made_by @text NOT NULL,
	updated_at @i64 NOT NULL,
	updated_by @text NOT NULL
) @strict;
CREATE INDEX allocation_plan_area ON allocation_plan (area, kind, id);
