-- Whether a schema has been made already.
-- $1 text: its name
SELECT 1 FROM pg_tables WHERE schemaname = $1::text AND tablename = 'migration'
