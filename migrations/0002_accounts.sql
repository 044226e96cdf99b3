-- Who may sign in, with which roles over which part of the tree, and who is signed in.

CREATE TABLE account (
	login @text NOT NULL PRIMARY KEY,
	name @text NOT NULL,
	org @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	password_hash @text NOT NULL,
	password_at @i64 NOT NULL,
	must_change @bool NOT NULL,
	second_factor @text NOT NULL,
	second_factor_step @i64 NOT NULL,
	failures @i64 NOT NULL,
	locked_until @i64 NOT NULL,
	state @text NOT NULL CHECK (state IN ('open', 'locked')),
	last_sign_in_at @i64,
	version @i64 NOT NULL,
	made_at @i64 NOT NULL,
	updated_at @i64 NOT NULL,
	updated_by @text NOT NULL
) @strict;
CREATE INDEX account_org ON account (org);

CREATE TABLE account_former_password (
	login @text NOT NULL REFERENCES account (login) ON DELETE CASCADE,
	replaced_at @i64 NOT NULL,
	password_hash @text NOT NULL,
	PRIMARY KEY (login, replaced_at)
) @strict;

CREATE TABLE account_role (
	login @text NOT NULL REFERENCES account (login) ON DELETE CASCADE,
	role @text NOT NULL,
	org @text NOT NULL REFERENCES org (code) DEFERRABLE INITIALLY DEFERRED,
	granted_at @i64 NOT NULL,
	granted_by @text NOT NULL,
	PRIMARY KEY (login, role, org)
) @strict;
CREATE INDEX account_role_org ON account_role (org);

-- hash is SHA-256 of what the browser holds: a copy of the store signs nobody in.
CREATE TABLE account_session (
	hash @text NOT NULL PRIMARY KEY,
	login @text NOT NULL REFERENCES account (login) ON DELETE CASCADE,
	csrf @text NOT NULL,
	made_at @i64 NOT NULL,
	seen_at @i64 NOT NULL
) @strict;
CREATE INDEX account_session_login ON account_session (login);

CREATE TABLE account_token (
	id @pk,
	login @text NOT NULL REFERENCES account (login) ON DELETE CASCADE,
	name @text NOT NULL,
	hash @text NOT NULL UNIQUE,
	made_at @i64 NOT NULL,
	expires_at @i64 NOT NULL,
	used_at @i64
) @strict;
CREATE INDEX account_token_login ON account_token (login);
