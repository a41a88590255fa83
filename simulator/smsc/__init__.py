"""The SMSC: sessions with gateways, the queue towards them, and the memory of what passed."""
