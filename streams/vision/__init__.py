"""What engines for pictures share: PDQ hashes, and classifiers, each of which looks at a frame in its own way.

Frames are put to a network one by one: on one thread a batch of sixteen takes as long, or a tenth longer, and changes
the last bits of an answer, so that a picture would be judged by its company.
"""
