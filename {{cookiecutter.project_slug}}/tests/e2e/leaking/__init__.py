"""The service of production with one route that fails and tells all that it knows."""
