-- Scenarios: what would be if, kept under a name.

-- query scenario_get :one
-- in: id i64
-- out: id i64, name text, evaluation text, area text, period text, changes text, verdict text, version i64
-- out: made_at i64, made_by text, updated_at i64, updated_by text
SELECT id, name, evaluation, area, period, changes, verdict, version, made_at, made_by, updated_at, updated_by
  FROM scenario WHERE id = :id;

-- query scenario_page :many
-- Newest first; an empty text asks for all.
-- in: evaluation text, before i64, limit i64
-- out: id i64, name text, evaluation text, area text, period text, verdict text, version i64, made_at i64
-- out: made_by text, updated_at i64
SELECT id, name, evaluation, area, period, verdict, version, made_at, made_by, updated_at
  FROM scenario
 WHERE (:evaluation = '' OR evaluation = :evaluation) AND id < :before
 ORDER BY id DESC LIMIT :limit;

-- query scenario_insert :exec
-- in: id i64, name text, evaluation text, area text, period text, changes text, verdict text, at i64, by text
INSERT INTO scenario (id, name, evaluation, area, period, changes, verdict, version, made_at, made_by, updated_at,
                      updated_by)
VALUES (:id, :name, :evaluation, :area, :period, :changes, :verdict, 1, :at, :by, :at, :by);

-- query scenario_change :exec
-- in: id i64, version i64, name text, period text, changes text, verdict text, at i64, by text
UPDATE scenario SET name = :name, period = :period, changes = :changes, verdict = :verdict, version = version + 1,
       updated_at = :at, updated_by = :by
 WHERE id = :id AND version = :version;

-- query scenario_drop :exec
-- in: id i64
DELETE FROM scenario WHERE id = :id;
