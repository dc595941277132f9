-- Whether any enterprise of a round has attachments of its own.
-- $1 bigint: round
SELECT EXISTS (SELECT FROM attachment WHERE round_id = $1::bigint AND enterprise_id IS NOT NULL)
