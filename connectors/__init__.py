"""Bring posts from live networks and archives into Kafka without loss."""
