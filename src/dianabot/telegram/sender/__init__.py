"""What is said to Telegram, as fast as Telegram allows and no faster, in all processes together."""
