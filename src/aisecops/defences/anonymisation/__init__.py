"""Making a table harder to tie to persons: keyed pseudonyms, shifted days, generalisation to k-anonymity, texts without names; and the risk that stays."""
