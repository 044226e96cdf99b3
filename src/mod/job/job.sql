-- The queue of jobs.

-- query job_get :one
-- in: id i64
-- out: id i64, kind text, title text, input text, needs_on text, needs_may text, is_english bool, state text, tries i64
-- out: done i64, total i64, made_at i64, made_by text, started_at i64?, ended_at i64?, error text, result text
-- out: result_name text, result_type text
SELECT id, kind, title, input, needs_on, needs_may, is_english, state, tries, done, total, made_at, made_by, started_at,
       ended_at, error, result, result_name, result_type
  FROM job WHERE id = :id;

-- query job_page :many
-- Newest first; an empty `by` asks for everybody's.
-- in: by text, before i64, limit i64
-- out: id i64, kind text, title text, state text, done i64, total i64, made_at i64, made_by text, started_at i64?
-- out: ended_at i64?, error text, result text
SELECT id, kind, title, state, done, total, made_at, made_by, started_at, ended_at, error, result
  FROM job
 WHERE (:by = '' OR made_by = :by) AND id < :before
 ORDER BY id DESC LIMIT :limit;

-- query job_waiting :many
-- in: limit i64
-- out: id i64
SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT :limit;

-- query job_open_count :one
-- in: by text
-- out: count i64
SELECT count(*) AS count FROM job WHERE made_by = :by AND state IN ('queued', 'running');

-- query job_add :exec
-- in: id i64, kind text, title text, input text, needs_on text, needs_may text, is_english bool, at i64, by text
INSERT INTO job (id, kind, title, input, needs_on, needs_may, is_english, state, tries, done, total, made_at, made_by,
                 error, result, result_name, result_type)
VALUES (:id, :kind, :title, :input, :needs_on, :needs_may, :is_english, 'queued', 0, 0, 0, :at, :by, '', '', '', '');

-- query job_claim :exec
-- in: id i64, at i64
UPDATE job SET state = 'running', tries = tries + 1, started_at = :at WHERE id = :id AND state = 'queued';

-- query job_end :exec
-- in: id i64, state text, at i64, done i64, total i64, error text, result text, result_name text, result_type text
UPDATE job SET state = :state, ended_at = :at, done = :done, total = :total, error = :error, result = :result,
       result_name = :result_name, result_type = :result_type
 WHERE id = :id AND state = 'running';

-- query job_put_back :exec
-- Queued again; a try that was ended in good order does not count.
-- in: id i64, tries i64
UPDATE job SET state = 'queued', started_at = NULL, tries = :tries WHERE id = :id AND state = 'running';

-- query job_drop_waiting :exec
-- in: id i64, at i64
UPDATE job SET state = 'cancelled', ended_at = :at WHERE id = :id AND state = 'queued';

-- query job_left_running :many
-- in: limit i64
-- out: id i64, kind text, tries i64, is_english bool
SELECT id, kind, tries, is_english FROM job WHERE state = 'running' ORDER BY id LIMIT :limit;

-- query job_old_results :many
-- in: before i64
-- out: id i64
SELECT id FROM job WHERE ended_at < :before AND result_name <> '' ORDER BY id;

-- query job_forget_result :exec
-- in: id i64
UPDATE job SET result = '', result_name = '' WHERE id = :id;

-- query job_drop_old :exec
-- in: before i64
DELETE FROM job WHERE ended_at < :before;
