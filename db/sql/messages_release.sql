-- What a worker has leased and not read is anyone's again.
-- $1 text: worker
UPDATE message SET worker = NULL, lease_until = NULL WHERE state = 'stored' AND worker = $1::text
