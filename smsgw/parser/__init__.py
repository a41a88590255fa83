"""The command language of the short code: what a subscriber's text means. Start at `parse`."""
