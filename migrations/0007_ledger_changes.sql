-- What has changed in a ledger since when: who keeps something made from its rows in memory reads on from the seq that was
-- seen last. seq grows by one inside the write lock, so no number comes late. row_id NULL: many rows, or all of them; older
-- lines of the ledger say nothing then and are dropped.
CREATE TABLE ledger_change (
	seq @i64 NOT NULL PRIMARY KEY,
	ledger @text NOT NULL,
	row_id @i64
) @strict;
CREATE INDEX ledger_change_ledger ON ledger_change (ledger, seq);
