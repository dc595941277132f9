-- Roles and the schema. Run by the administrator of the cluster (a superuser or a role with
-- CREATEROLE) at `pingyi init`; @office@ is the name of the office's schema.
--
--   @office@_owner        owns every table and function; nobody logs in as it
--   @office@_worker       the stages: collect, classify, send
--   @office@_staff        the office's people
--   @office@_supervisor   sees progress, rates and deadlines, no identity
--   @office@_departments  group of all departments; the one role the department policies are for
--   @office@_d1 … _d99    one a department
--   @office@_link         the enterprise's private link: no table at all, only functions
--   @office@_web          the web server's login: owns nothing, inherits nothing, takes one of the
--                         roles above for each request
DO $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['owner', 'departments', 'link'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '@office@_' || name) THEN
			EXECUTE format('CREATE ROLE %I NOLOGIN', '@office@_' || name);
		END IF;
	END LOOP;
	FOREACH name IN ARRAY ARRAY['worker', 'staff', 'supervisor', 'web'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '@office@_' || name) THEN
			EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', '@office@_' || name);
		END IF;
	END LOOP;
	FOR i IN 1..99 LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '@office@_d' || i) THEN
			EXECUTE format('CREATE ROLE %I LOGIN INHERIT IN ROLE %I', '@office@_d' || i,
				       '@office@_departments');
		END IF;
		EXECUTE format('GRANT %I TO @office@_web', '@office@_d' || i);
	END LOOP;
END $$;
GRANT @office@_staff, @office@_supervisor, @office@_link TO @office@_web;
GRANT @office@_owner TO CURRENT_USER;
CREATE SCHEMA IF NOT EXISTS @office@ AUTHORIZATION @office@_owner;
GRANT USAGE ON SCHEMA @office@ TO @office@_worker, @office@_staff, @office@_supervisor,
	@office@_departments, @office@_link, @office@_web;
