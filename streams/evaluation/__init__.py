"""Evaluation: labelled texts in, how well a policy and its engines judge them out. Ids only, never a text."""
