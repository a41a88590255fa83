"""Reply texts: an event and its values become one SMS in the subscriber's language."""
