"""Who may do what: the answers that ``table.txt`` expects, for each route, method and role."""
