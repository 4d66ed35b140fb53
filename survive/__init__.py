"""`script/survive`: the real stack is killed, frozen, filled and rushed, and nothing may be lost, doubled or leaked (docs/survive.md)."""
