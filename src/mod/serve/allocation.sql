-- Plans of allocation, kept with their answers.

-- query allocation_plan_get :one
-- in: id i64
-- out: id i64, name text, kind text, area text, period text, request text, headline text, state text, note text
-- out: moved_by text, import_id i64, row_version i64, version i64, made_at i64, made_by text, updated_at i64
SELECT id, name, kind, area, period, request, headline, state, note, moved_by, import_id, row_version, version,
       made_at, made_by, updated_at
  FROM allocation_plan WHERE id = :id;

-- query allocation_plan_result :one
-- in: id i64
-- out: result text
SELECT result FROM allocation_plan WHERE id = :id;

-- query allocation_plan_page :many
-- Newest first; an empty kind asks for all.
-- in: kind text, before i64, limit i64
-- out: id i64, name text, kind text, area text, period text, request text, headline text, state text, note text
-- out: moved_by text, import_id i64, row_version i64, version i64, made_at i64, made_by text, updated_at i64
SELECT id, name, kind, area, period, request, headline, state, note, moved_by, import_id, row_version, version,
       made_at, made_by, updated_at
  FROM allocation_plan
 WHERE (:kind = '' OR kind = :kind) AND id < :before
 ORDER BY id DESC LIMIT :limit;

-- query allocation_plan_insert :exec
-- in: id i64, name text, kind text, area text, period text, request text, headline text, result text, state text
-- in: at i64, by text
INSERT INTO allocation_plan (id, name, kind, area, period, request, headline, result, state, note, moved_by,
                             import_id, row_version, version, made_at, made_by, updated_at, updated_by)
VALUES (:id, :name, :kind, :area, :period, :request, :headline, :result, :state, '', '', 0, 0, 1, :at, :by, :at,
        :by);

-- query allocation_plan_move :exec
-- in: id i64, version i64, state text, note text, import_id i64, row_version i64, at i64, by text
UPDATE allocation_plan
   SET state = :state, note = :note, moved_by = :by, import_id = :import_id, row_version = :row_version,
       version = version + 1, updated_at = :at, updated_by = :by
 WHERE id = :id AND version = :version;

-- query allocation_plan_drop :exec
-- in: id i64
DELETE FROM allocation_plan WHERE id = :id;
