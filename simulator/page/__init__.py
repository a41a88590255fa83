"""The page for people: phones, what passes on the wire, and the levers. HTML made here, and a little script."""
