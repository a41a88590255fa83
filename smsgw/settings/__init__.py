"""The configuration: files and environment in, checked values out, every mistake named by file, key and reason."""
