"""The bare project that enrolling is compared with: the statements of ours on our tables, without our rules, texts and middleware."""
