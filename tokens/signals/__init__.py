"""Unusual use: rules that look at the days of a token, the flags that they raise, and what people say of those.

A flag ends nothing. It has its numbers, the owner's words and an administrator's decision, and that is all.
"""
