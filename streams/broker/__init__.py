"""Embedded Apache Kafka and the administration of topics."""
