-- The image of PostgreSQL runs this once, when it makes the database. The role of the service is no
-- superuser, for whom no policy of row-level security would hold; it owns the database, and is bound
-- by the policies of its own tables (FORCE ROW LEVEL SECURITY).
-- https://www.postgresql.org/docs/current/ddl-rowsecurity.html

\getenv password POSTGRES_PASSWORD
CREATE ROLE service LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
ALTER DATABASE service OWNER TO service;
