-- Organisations: the tree, its aliases and what happened to them.

-- query org_rows :many
-- out: code text, name text, kind text, parent_code text?, county text, town text, opened_on date?, closed_on date?
-- out: state text, merged_into text?, lon f64?, lat f64?, version i64
SELECT code, name, kind, parent_code, county, town, opened_on, closed_on, state, merged_into, lon, lat, version
  FROM org ORDER BY code;

-- query org_put :exec
-- A new organisation, or the new facts of the one with that code when `version` is the stored one;
-- a stale version touches no row.
-- in: id i64, code text, name text, kind text, parent_code text?, county text, town text, opened_on date?, closed_on date?
-- in: state text, merged_into text?, lon f64?, lat f64?, version i64, updated_at i64, updated_by text
INSERT INTO org (id, code, name, kind, parent_code, county, town, opened_on, closed_on, state,
                 merged_into, lon, lat, version, updated_at, updated_by)
VALUES (:id, :code, :name, :kind, :parent_code, :county, :town, :opened_on, :closed_on, :state,
        :merged_into, :lon, :lat, 1, :updated_at, :updated_by)
ON CONFLICT (code) DO UPDATE SET
       name = excluded.name, kind = excluded.kind, parent_code = excluded.parent_code,
       county = excluded.county, town = excluded.town, opened_on = excluded.opened_on,
       closed_on = excluded.closed_on, state = excluded.state,
       merged_into = excluded.merged_into, lon = excluded.lon, lat = excluded.lat,
       version = org.version + 1, updated_at = excluded.updated_at,
       updated_by = excluded.updated_by
 WHERE org.version = :version;

-- query org_mark_get :one
-- What stands here changes with the tree, and never comes again.
-- out: mark text
SELECT value AS mark FROM meta WHERE key = 'org_tree';

-- query org_mark_put :exec
-- in: mark text
INSERT INTO meta (key, value) VALUES ('org_tree', :mark)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- query org_alias_rows :many
-- out: alias text, code text
SELECT alias, code FROM org_alias ORDER BY source, alias;

-- query org_put_alias :exec
-- in: source text, alias text, code text
INSERT INTO org_alias (source, alias, code) VALUES (:source, :alias, :code)
ON CONFLICT (source, alias) DO UPDATE SET code = excluded.code;

-- query org_put_event :exec
-- in: id i64, code text, kind text, on_date date, old_value text, new_value text, note text, made_at i64, made_by text
INSERT INTO org_event (id, code, kind, on_date, old_value, new_value, note, made_at, made_by)
VALUES (:id, :code, :kind, :on_date, :old_value, :new_value, :note, :made_at, :made_by);

-- query org_events :many
-- in: code text
-- out: kind text, on_date date, old_value text, new_value text, note text, made_at i64, made_by text
SELECT kind, on_date, old_value, new_value, note, made_at, made_by
  FROM org_event WHERE code = :code ORDER BY on_date, id;
