"""The Slack face of the bot: it hears commands and buttons, and tells what happens.

Listeners parse, authorise, acknowledge and hand over; the work runs in a queue of its own, and
one sender thread is the only one that posts to channels.
"""
