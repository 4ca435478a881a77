"""How fast the pipeline is, beside the plain trainer, on the machine it runs on: `make bench`. No tests."""
