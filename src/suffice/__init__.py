"""suffice: the smallest model that does a narrow task well enough, with the evidence."""
