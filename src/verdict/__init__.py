"""What the numbers mean: findings, the verdict, its sentence, the targets.

May import `tables`, `audit`, `evaluation` and what lies below them.
"""
