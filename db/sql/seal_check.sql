-- Every seal, whether its hash is what its events and the seal before it give, and its events.
SELECT s.number, s.hash = seal_digest(s.number)
	AND s.previous = coalesce((SELECT p.hash FROM seal p WHERE p.number = s.number - 1), '\x')
	AND s.events = (SELECT count(*) FROM seal_event e WHERE e.seal_number = s.number),
	s.events, left(encode(s.hash, 'hex'), 16)
FROM seal s ORDER BY s.number
