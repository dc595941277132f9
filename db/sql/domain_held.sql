-- Domains that have refused lately: domain, refusals in a row, seconds that they still want nothing
-- (below 0: since when they may want something again).
-- $1 timestamptz: now
SELECT domain, strikes, extract(epoch FROM hold_until - $1::timestamptz)::bigint
FROM domain_pace WHERE strikes > 0
