"""How good the detector is: measures over labelled posts, and the neutrality audit. Pure."""
