"""Trainings that a scheduler runs, here or on another machine.

May import the training stage, `scheduling` and what lies below them.
"""
