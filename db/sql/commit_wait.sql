-- Whether a commit of this connection waits for the disk.
-- $1 text: on, off
SELECT set_config('synchronous_commit', $1::text, false)
