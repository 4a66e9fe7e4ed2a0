"""The ledger of answers to whether messages are still those that a bundle was made for, and which to label."""
