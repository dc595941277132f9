-- Times of this connection are the office's.
SELECT set_config('TimeZone', coalesce((SELECT value FROM setting WHERE name = 'timezone'),
	'Asia/Shanghai'), false)
