-- The audit log. Rows are only added.

-- query audit_last :one
-- out: seq i64, hash text
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- query audit_put :exec
-- in: seq i64, made_at i64, who text, action text, object text, detail text, previous_hash text, hash text
INSERT INTO audit (seq, made_at, who, action, object, detail, previous_hash, hash)
VALUES (:seq, :made_at, :who, :action, :object, :detail, :previous_hash, :hash);

-- query audit_from :many
-- A part of the chain, in its order.
-- in: after i64, limit i64
-- out: seq i64, made_at i64, who text, action text, object text, detail text, previous_hash text, hash text
SELECT seq, made_at, who, action, object, detail, previous_hash, hash
  FROM audit WHERE seq > :after ORDER BY seq LIMIT :limit;

-- query audit_page :many
-- Newest first; an empty text asks for all.
-- in: who text, action text, object text, from_at i64, to_at i64, before i64, limit i64
-- out: seq i64, made_at i64, who text, action text, object text, detail text, hash text
SELECT seq, made_at, who, action, object, detail, hash
  FROM audit
 WHERE (:who = '' OR who = :who) AND (:action = '' OR action = :action) AND (:object = '' OR object = :object)
   AND made_at >= :from_at AND made_at < :to_at AND seq < :before
 ORDER BY seq DESC LIMIT :limit;
