"""What is done after the turn: news that was asked for, calls, money that is owed."""
