"""Book to actions: the only room that reaches the network."""
