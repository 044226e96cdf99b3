-- Which keys have sealed fields of this place; the keys themselves are in a file elsewhere.
-- One is current: what is written is sealed with it. A retired one has been rotated out.

CREATE TABLE seal_key (
	id @text NOT NULL PRIMARY KEY,
	suite @text NOT NULL,
	used_from @i64 NOT NULL,
	used_until @i64
) @strict;
