"""What people and bots do to the world; everyone who should hear of it does."""
