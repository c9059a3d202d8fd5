"""The cloud on one machine: storage emulator, function host, demo data."""
