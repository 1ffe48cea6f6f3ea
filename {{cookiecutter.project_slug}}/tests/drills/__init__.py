"""Fault drills: real servers and processes are killed, stopped, emptied and cut; nothing may be lost.

``make drill`` runs them all and prints a table. The servers are started for it, on ports of their
own, and are gone when it ends.
"""
