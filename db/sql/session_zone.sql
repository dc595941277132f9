-- Times of this connection are the office's.
SELECT set_config('TimeZone', office_zone(), false)
