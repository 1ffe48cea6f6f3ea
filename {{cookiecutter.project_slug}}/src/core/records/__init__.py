"""Base models: keys that sort by time, stamps of when and who."""
