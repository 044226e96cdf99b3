-- Accounts, their roles, sessions and tokens.

-- query account_get :one
-- in: login text
-- out: login text, name text, org text, password_hash text, password_at i64, must_change bool, second_factor text
-- out: second_factor_step i64, failures i64, locked_until i64, state text, last_sign_in_at i64?, version i64
SELECT login, name, org, password_hash, password_at, must_change, second_factor, second_factor_step, failures,
       locked_until, state, last_sign_in_at, version
  FROM account WHERE login = :login;

-- query account_page :many
-- in: q text, after text, limit i64
-- out: login text, name text, org text, password_at i64, must_change bool, second_factor text, locked_until i64
-- out: state text, last_sign_in_at i64?, version i64
SELECT login, name, org, password_at, must_change, second_factor, locked_until, state, last_sign_in_at, version
  FROM account
 WHERE login > :after AND (:q = '' OR login LIKE :q OR name LIKE :q)
 ORDER BY login LIMIT :limit;

-- query account_insert :exec
-- in: login text, name text, org text, password_hash text, must_change bool, at i64, by text
INSERT INTO account (login, name, org, password_hash, password_at, must_change, second_factor, second_factor_step,
                     failures, locked_until, state, version, made_at, updated_at, updated_by)
VALUES (:login, :name, :org, :password_hash, :at, :must_change, '', 0, 0, 0, 'open', 1, :at, :at, :by);

-- query account_change :exec
-- in: login text, name text, org text, state text, at i64, by text
UPDATE account SET name = :name, org = :org, state = :state, version = version + 1, failures = 0, locked_until = 0,
       updated_at = :at, updated_by = :by
 WHERE login = :login;

-- query account_set_password :exec
-- in: login text, password_hash text, must_change bool, at i64, by text
UPDATE account SET password_hash = :password_hash, password_at = :at, must_change = :must_change, failures = 0,
       locked_until = 0, version = version + 1, updated_at = :at, updated_by = :by
 WHERE login = :login;

-- query account_set_second_factor :exec
-- in: login text, second_factor text, at i64
UPDATE account SET second_factor = :second_factor, second_factor_step = 0, version = version + 1, updated_at = :at,
       updated_by = :login
 WHERE login = :login;

-- query account_failed :exec
-- in: login text, locked_until i64
UPDATE account SET failures = failures + 1,
       locked_until = CASE WHEN :locked_until > locked_until THEN :locked_until ELSE locked_until END
 WHERE login = :login;

-- query account_signed_in :exec
-- in: login text, at i64, second_factor_step i64
UPDATE account SET failures = 0, locked_until = 0, last_sign_in_at = :at, second_factor_step = :second_factor_step
 WHERE login = :login;

-- query account_bump :exec
-- in: login text, at i64, by text
UPDATE account SET version = version + 1, updated_at = :at, updated_by = :by WHERE login = :login;

-- query former_password_add :exec
-- in: login text, at i64, password_hash text
INSERT INTO account_former_password (login, replaced_at, password_hash) VALUES (:login, :at, :password_hash);

-- query former_passwords :many
-- in: login text, limit i64
-- out: password_hash text
SELECT password_hash FROM account_former_password WHERE login = :login ORDER BY replaced_at DESC LIMIT :limit;

-- query account_roles :many
-- in: login text
-- out: role text, org text
SELECT role, org FROM account_role WHERE login = :login ORDER BY role, org;

-- query account_role_add :exec
-- in: login text, role text, org text, at i64, by text
INSERT INTO account_role (login, role, org, granted_at, granted_by) VALUES (:login, :role, :org, :at, :by);

-- query account_roles_drop :exec
-- in: login text
DELETE FROM account_role WHERE login = :login;

-- query session_get :one
-- in: hash text
-- out: login text, csrf text, made_at i64, seen_at i64, name text, org text, password_at i64, must_change bool
-- out: second_factor text, state text, version i64
SELECT s.login, s.csrf, s.made_at, s.seen_at, a.name, a.org, a.password_at, a.must_change, a.second_factor, a.state,
       a.version
  FROM account_session s JOIN account a ON a.login = s.login WHERE s.hash = :hash;

-- query session_add :exec
-- in: hash text, login text, csrf text, at i64
INSERT INTO account_session (hash, login, csrf, made_at, seen_at) VALUES (:hash, :login, :csrf, :at, :at);

-- query session_seen :exec
-- in: hash text, at i64
UPDATE account_session SET seen_at = :at WHERE hash = :hash AND seen_at < :at;

-- query session_drop :exec
-- in: hash text
DELETE FROM account_session WHERE hash = :hash;

-- query sessions_drop_of :exec
-- All of an account but one ("" : none is spared).
-- in: login text, but text
DELETE FROM account_session WHERE login = :login AND hash <> :but;

-- query sessions_drop_old :exec
-- in: made_before i64, seen_before i64
DELETE FROM account_session WHERE made_at < :made_before OR seen_at < :seen_before;

-- query token_get :one
-- in: hash text
-- out: id i64, login text, expires_at i64, name text, org text, state text, version i64
SELECT t.id, t.login, t.expires_at, a.name, a.org, a.state, a.version
  FROM account_token t JOIN account a ON a.login = t.login WHERE t.hash = :hash;

-- query token_add :exec
-- in: id i64, login text, name text, hash text, at i64, expires_at i64
INSERT INTO account_token (id, login, name, hash, made_at, expires_at)
VALUES (:id, :login, :name, :hash, :at, :expires_at);

-- query token_used :exec
-- in: hash text, at i64
UPDATE account_token SET used_at = :at WHERE hash = :hash;

-- query token_drop :exec
-- in: id i64, login text
DELETE FROM account_token WHERE id = :id AND login = :login;

-- query tokens_drop_of :exec
-- in: login text
DELETE FROM account_token WHERE login = :login;

-- query tokens_of :many
-- in: login text
-- out: id i64, name text, made_at i64, expires_at i64, used_at i64?
SELECT id, name, made_at, expires_at, used_at FROM account_token WHERE login = :login ORDER BY id;

-- query auth_settings :many
-- out: key text, value text
SELECT key, value FROM meta WHERE key >= 'auth.' AND key < 'auth/' ORDER BY key;
