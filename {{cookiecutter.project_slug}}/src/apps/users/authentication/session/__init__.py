"""Signs browsers in with Django's sessions: a cookie, and a CSRF token with each write."""
