"""One cell: its name, its rows, its rung fitted and judged, here or elsewhere, and the finished run read again."""
