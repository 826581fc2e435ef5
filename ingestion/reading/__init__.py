"""Turns a file's bytes into typed blocks, inside child processes that may be killed."""
