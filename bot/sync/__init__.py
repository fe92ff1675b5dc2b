"""The core: ledger, targets and plan are pure rules; the engine is the only part that does I/O."""
