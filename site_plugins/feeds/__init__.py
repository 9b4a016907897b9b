"""The team's own feeds: RSS, Atom, JSON Feed, a page for each article and one for the channel."""
