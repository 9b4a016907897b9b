"""What is new as feeds for readers: posts that are out, posts that come, policies that changed."""
