"""What we say about a post: pure decisions on frozen values, no clock, no Kafka, no Faust."""
