"""SMPP 3.4: wire format, texts and sessions without I/O, and one module with the socket."""
