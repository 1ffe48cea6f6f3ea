"""Who acts, and for which request: from the request to the task that it started."""
