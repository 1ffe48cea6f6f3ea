"""Work outside of requests: the base of all tasks, and the queues that they wait in."""
