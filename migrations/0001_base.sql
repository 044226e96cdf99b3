-- What a place keeps besides the tables of its ledgers, which are made from packs.
-- Instants are microseconds UTC, days are YYYY-MM-DD, both as the program writes them.

CREATE TABLE meta (
	key @text NOT NULL PRIMARY KEY,
	value @text NOT NULL
) @strict;

-- Installed packs in the order in which they override each other, with every file as installed.
CREATE TABLE pack (
	id @text NOT NULL PRIMARY KEY,
	version @text NOT NULL,
	title @text NOT NULL,
	position @i64 NOT NULL UNIQUE,
	installed_at @i64 NOT NULL
) @strict;

CREATE TABLE pack_file (
	pack @text NOT NULL REFERENCES pack (id) ON DELETE CASCADE,
	path @text NOT NULL,
	content @blob NOT NULL,
	sha256 @text NOT NULL,
	installed_at @i64 NOT NULL,
	PRIMARY KEY (pack, path)
) @strict;

-- The tree of organisations. A code is never given to another organisation. county and town are
-- the codes of those ancestors (or of the row itself), '' above them: rows are cut by county.
-- Deferred: a parent may stand behind its child in the same import.
CREATE TABLE org (
	id @pk,
	code @text NOT NULL UNIQUE,
	name @text NOT NULL,
	kind @text NOT NULL,
	parent_code @text REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	county @text NOT NULL,
	town @text NOT NULL,
	opened_on @text,
	closed_on @text,
	state @text NOT NULL CHECK (state IN ('open', 'closed', 'merged')),
	merged_into @text REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	lon @f64,
	lat @f64,
	version @i64 NOT NULL,
	updated_at @i64 NOT NULL,
	updated_by @text NOT NULL,
	CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
	CHECK ((lon IS NULL) = (lat IS NULL))
) @strict;
CREATE INDEX org_parent ON org (parent_code, code);
CREATE INDEX org_county ON org (county, kind, code);
CREATE INDEX org_merged ON org (merged_into);

-- Codes and names by which other systems (source) call an organisation.
CREATE TABLE org_alias (
	source @text NOT NULL,
	alias @text NOT NULL,
	code @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	PRIMARY KEY (source, alias)
) @strict;
CREATE INDEX org_alias_code ON org_alias (code);

CREATE TABLE org_event (
	id @pk,
	code @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	kind @text NOT NULL
		CHECK (kind IN ('opened', 'renamed', 'merged', 'closed', 'reopened', 'moved')),
	on_date @text NOT NULL,
	old_value @text NOT NULL,
	new_value @text NOT NULL,
	note @text NOT NULL,
	made_at @i64 NOT NULL,
	made_by @text NOT NULL
) @strict;
CREATE INDEX org_event_code ON org_event (code, on_date, id);

CREATE TABLE import_batch (
	id @pk,
	ledger @text NOT NULL,
	file_name @text NOT NULL,
	file_sha256 @text NOT NULL,
	period @text NOT NULL,
	started_at @i64 NOT NULL,
	ended_at @i64 NOT NULL,
	rows_total @i64 NOT NULL,
	rows_new @i64 NOT NULL,
	rows_changed @i64 NOT NULL,
	rows_same @i64 NOT NULL,
	state @text NOT NULL CHECK (state IN ('done', 'undone')),
	made_by @text NOT NULL,
	CHECK (rows_total = rows_new + rows_changed + rows_same)
) @strict;
CREATE INDEX import_batch_ledger ON import_batch (ledger, period, id);

-- A frozen ledger and period. Released ones stay as history; one at a time holds.
CREATE TABLE snapshot (
	id @pk,
	ledger @text NOT NULL,
	period @text NOT NULL,
	taken_at @i64 NOT NULL,
	taken_by @text NOT NULL,
	row_count @i64 NOT NULL,
	digest @text NOT NULL,
	released_at @i64,
	released_by @text,
	reason @text,
	CHECK ((released_at IS NULL) = (released_by IS NULL)),
	CHECK ((released_at IS NULL) = (reason IS NULL))
) @strict;
CREATE UNIQUE INDEX snapshot_holds ON snapshot (ledger, period) WHERE released_at IS NULL;

-- A hash chain: hash covers the row and previous_hash, seq counts without gaps from 1.
CREATE TABLE audit (
	seq @pk,
	made_at @i64 NOT NULL,
	who @text NOT NULL,
	action @text NOT NULL,
	object @text NOT NULL,
	detail @text NOT NULL,
	previous_hash @text NOT NULL UNIQUE,
	hash @text NOT NULL
) @strict;
CREATE INDEX audit_object ON audit (object, seq);
