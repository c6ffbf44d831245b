"""Find election claims in live posts and publish label events about them."""
