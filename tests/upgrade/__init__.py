"""An installation of revision 084da67 is brought up to date: small dumps of its databases, what made them, and what is asked afterwards."""
