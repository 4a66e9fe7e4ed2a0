"""The set that ships with the package: 660 messages to an online shop in eleven categories, and what is planted."""
