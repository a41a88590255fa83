"""The file of `serve --config`: TOML in, checked settings out, every mistake named by file, key, reason and mend."""
