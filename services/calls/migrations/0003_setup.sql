-- Lists of the vocabulary are sorted by code, which its unique constraint serves. A saved filter belongs to who made it.
alter view calls.saved_filter alter column owner set default base.actor();
