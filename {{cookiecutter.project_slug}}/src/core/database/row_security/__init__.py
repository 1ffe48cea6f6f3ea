"""A second wall around rows that belong to somebody: PostgreSQL itself keeps callers from the rows of others.

https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""
