"""An operator to try a gateway on: an SMSC on the wire, providers' billings, a phone, load and faults."""
