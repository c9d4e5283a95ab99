"""Lets the AR team see, refund, repair, connect and brand."""
