-- :letters invented enterprises, each with an address, at :domains domains. For psql, as the
-- cluster's admin: a list of a million rows by the program would take longer than what is measured.
WITH added AS (
	INSERT INTO enterprise (name, stratum, changed_at)
	SELECT '东澄市试验企业第' || lpad(n::text, 7, '0') || '号有限公司',
		(ARRAY['foreign', 'industry', 'trade'])[n % 3 + 1], '2026-03-01'
	FROM generate_series(1, :letters) AS n ORDER BY n
	RETURNING id
)
INSERT INTO contact (enterprise_id, name, email, is_letter, position)
SELECT id, '联系人', 'office' || id || '@firm' || id % :domains || '.example', true, 1 FROM added;
VACUUM (ANALYZE) enterprise, contact;
