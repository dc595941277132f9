-- The learnt layer in use: perhaps none.
SELECT id, bytes FROM learnt WHERE in_use
