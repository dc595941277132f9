-- Domains that have refused lately: domain, refusals in a row, seconds that they still want nothing.
-- $1 timestamptz: now
SELECT domain, strikes, greatest(extract(epoch FROM hold_until - $1::timestamptz), 0)::integer
FROM domain_pace WHERE strikes > 0
