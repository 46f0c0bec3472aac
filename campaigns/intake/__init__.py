"""From files to checked tables: contracts, mappings, reading and checking."""
