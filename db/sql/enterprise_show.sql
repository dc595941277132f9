-- One enterprise with all its contacts and letters, as JSON.
-- $1 text: credit code, name or short name
SELECT jsonb_pretty(jsonb_build_object('name', e.name, 'short_name', e.short_name,
	'credit_code', e.credit_code, 'stratum', e.stratum, 'address', e.address,
	'postcode', e.postcode, 'silent', e.silent,
	'contacts', coalesce((SELECT jsonb_agg(jsonb_build_object('name', c.name, 'email', c.email,
		'phone', c.phone, 'letter', c.is_letter) ORDER BY c.position)
		FROM contact c WHERE c.enterprise_id = e.id), '[]'),
	'letters', coalesce((SELECT jsonb_agg(jsonb_build_object('round', r.code, 'number', l.number,
		'state', l.state) ORDER BY r.created_at)
		FROM letter_state l JOIN round r ON r.id = l.round_id WHERE l.enterprise_id = e.id), '[]')))
FROM enterprise e WHERE $1::text IN (e.credit_code, e.name, e.short_name)
