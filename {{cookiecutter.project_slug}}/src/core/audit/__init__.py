"""Who changed what, when, for which request, from where; before and after."""
