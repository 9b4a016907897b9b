"""The room that shows what others say of us: how much, how it is meant, who says it, what waits, and who acts.

Everything quoted here was written by strangers. It is set as text, in a page by ``Markup.format`` and in the browser by
``textContent``; a link of theirs is shown only when it is http or https. No words of anybody go into the search index.
"""
