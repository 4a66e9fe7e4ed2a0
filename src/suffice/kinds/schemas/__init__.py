"""Tools as people write them to one form of schema; arguments to where they do not keep to it, in bounded work."""
