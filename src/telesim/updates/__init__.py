"""Updates: made when something happens, kept until the bot has taken them."""
