"""A bare project, which the service is measured against: Django, REST framework, simplejwt.

It answers three of the service's requests from the service's own tables. The rules, so that the
comparison is fair:

- the same work of the view: the check of the token with its user, the caller's role where the
  service asks for it, the same queries for the same columns of the same rows, the same fields in the answer, the same
  size of a page read by key;
- the same server and settings of it, the same pool of connections to the database;
- nothing else. No middleware, cache, throttles, error contract, identity, entity tags, filters,
  schema, request ids, events, stamps; no admin and no Celery in memory.
"""
