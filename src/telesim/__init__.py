"""Telegram at home: a Bot API server, a small world of people and chats behind it, and a page to live in it.

It knows nothing about any particular bot. `telesim.app.create` builds the ASGI application, `telesim.serve` runs it.
"""
