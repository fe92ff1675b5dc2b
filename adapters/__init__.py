"""The malls: one folder each, all alike, behind the contract of ``adapters.contract``."""
