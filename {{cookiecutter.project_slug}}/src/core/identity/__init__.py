"""Who acts: known wherever code runs, from the request to the task that it started."""
