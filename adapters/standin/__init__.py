"""The room both stand-ins are built in: clock, call log, faults by rule, webhook delivery, server, control address.

A stand-in is a small, strict copy of another system, spoken to over real HTTP, with its state in memory. Every
handler runs on one event loop thread, so plain Python state needs no locks inside handlers.
"""
