"""Small true implementations of the ports, for tests."""
