"""`python -m dianabot`, and the command `dianabot`."""

from dianabot.cli import main

if __name__ == "__main__":
    main()
