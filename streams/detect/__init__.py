"""What a post says: pure functions on frozen values, no clock, no Kafka, no registry."""
