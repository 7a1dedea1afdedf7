"""What generate_legacy.py is made of: a pickler, estimators as they were, an oracle."""
