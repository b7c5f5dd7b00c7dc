"""What happens when a person takes part: the request, the queue, the wait, the decision, the way back."""
