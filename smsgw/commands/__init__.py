"""What the commands do; `cli.py` gives them their names."""
