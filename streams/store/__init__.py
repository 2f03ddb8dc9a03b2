"""The store of the review service: items, context, rulings, notes, accounts and the audit log, in SQL."""
