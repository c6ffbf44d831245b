"""Election packs and known claims: read from YAML, checked, published to Kafka."""
