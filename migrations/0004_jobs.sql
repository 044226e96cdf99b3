-- Long work: what was asked for, how far it is, how it ended. What it made lies beside the store.

CREATE TABLE job (
	id @pk,
	kind @text NOT NULL,
	title @text NOT NULL,
	input @text NOT NULL,
	needs_on @text NOT NULL,
	needs_may @text NOT NULL,
	is_english @bool NOT NULL,
	state @text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
	tries @i64 NOT NULL,
	done @i64 NOT NULL,
	total @i64 NOT NULL,
	made_at @i64 NOT NULL,
	made_by @text NOT NULL,
	started_at @i64,
	ended_at @i64,
	error @text NOT NULL,
	result @text NOT NULL,
	result_name @text NOT NULL,
	result_type @text NOT NULL,
	CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL))
) @strict;
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_made_by ON job (made_by, id);
