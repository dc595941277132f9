-- An active account by its login.
-- $1 text: login
SELECT id, kind, department_no, name FROM account WHERE login = $1::text AND active
