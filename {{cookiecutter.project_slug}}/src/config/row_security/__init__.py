"""Which tables of apps and rooms have the second wall: its migrations say so."""
