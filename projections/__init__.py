"""Tables for people and for the dispatcher. Each can be thrown away and rebuilt from the log."""
