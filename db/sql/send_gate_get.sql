-- Whether mail may leave, why not, since when, and from when on refusals count; no row: it may.
SELECT open, why, changed_at, (SELECT name FROM account WHERE id = account_id) FROM send_gate
