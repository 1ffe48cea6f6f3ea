"""The Content-Security-Policy, by what this Django has for it."""
