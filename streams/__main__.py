"""`python -m streams` is the command `moderation`."""

from streams.cli.main import main

if __name__ == "__main__":
    main()
