-- Organisations: the tree, its aliases and what happened to them.

-- query org_find :one
-- in: code text
-- out: id i64, code text, name text, kind text, parent_code text?, county text, town text, opened_on date?, closed_on date?
-- out: state text, merged_into text?, lon f64?, lat f64?, version i64, updated_at i64, updated_by text
SELECT id, code, name, kind, parent_code, county, town, opened_on, closed_on, state, merged_into,
       lon, lat, version, updated_at, updated_by
  FROM org WHERE code = :code;

-- query org_children :many
-- Direct children that are open, or all of them, by code.
-- in: parent_code text, with_closed bool
-- out: id i64, code text, name text, kind text, state text
SELECT id, code, name, kind, state FROM org
 WHERE parent_code = :parent_code AND (:with_closed = TRUE OR state = 'open') ORDER BY code;

-- query org_upsert :exec
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

-- query org_aliases :many
-- in: code text
-- out: source text, alias text
SELECT source, alias FROM org_alias WHERE code = :code ORDER BY source, alias;

-- query org_add_alias :exec
-- in: source text, alias text, code text
INSERT INTO org_alias (source, alias, code) VALUES (:source, :alias, :code);

-- query org_find_by_alias :one
-- in: source text, alias text
-- out: code text
SELECT code FROM org_alias WHERE source = :source AND alias = :alias;
