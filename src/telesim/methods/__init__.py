"""The methods of the Bot API, one file a family; `table` knows them all."""
