-- The latest seal: number, hash, its time.
SELECT number, left(encode(hash, 'hex'), 16) FROM seal ORDER BY number DESC LIMIT 1
