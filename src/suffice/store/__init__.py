"""What lies on disk: atomic writes, strict JSON, data versions, run folders, the ledger of test openings."""
