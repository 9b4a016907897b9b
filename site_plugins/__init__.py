"""Book to pages: the only room that knows the site builder.

For whoever writes a room
-------------------------

A room is a folder with ``pages.py`` and, where it needs them, ``templates/``. ``pages.py`` has one function, named in
the entry-point group ``signalbook.rooms``::

    def pages(book: Book, now: datetime, site: Site) -> Iterable[Page | Asset]:
        for plan in book.all(Plan):
            yield Page(
                address=site.address(plan),              # plans/second-shop.html
                title=plan.title,
                section="plans",                         # the word that is lit in the header
                body=partial(_plan, book, plan, now, site),
                key=digest("plan", plan.digest, now.date(), site.markdown_key(plan.body, plan.path)),
                source=plan.path,                        # gives the edit link
                description=plan.want or "",
                search=(SearchEntry("", plan.title, words(plan.body, 300)),),
            )

The five promises of a page:

1. **Pure.** Made of Book, ``now`` and ``site`` alone. No clock, no environment, no file, no request.
2. **Cheap to name, dear to make.** ``pages`` runs at every build for every document, so it computes addresses, titles
   and keys only: some 10 µs a page. All HTML is made inside ``body()``, which the core calls only when the key changed.
3. **The key tells all.** ``key`` covers everything the page shows: the document's ``digest``, the digests of the
   documents it names (titles and states of links!), receipts and readings it shows, ``site.findings_key(path)``, the day
   or minute when it shows ages, ``site.markdown_key(body, path)`` when it renders Markdown. A key that forgets
   something shows yesterday's page; the tests compare warm and cold builds byte for byte. The code's own digest,
   the audience and the settings of ``mkdocs.yml`` are added by the core. When in doubt ``key=""``: always made, compared
   by bytes; fine for a few pages (home), not for thousands.
4. **The Book is all there is.** In a build for one audience it is narrowed before any room sees it, records and history
   included (``signalbook.audience``): a room that reads only ``book``, ``book.workspace`` and ``site`` cannot leak. ``site.audience``
   says whom the build is for.
5. **No inline anything.** ``Content-Security-Policy: default-src 'self'`` holds: no ``<script>`` or ``<style>`` with
   content, no ``style=`` or ``on…=`` attribute, no ``data:`` address, no foreign host. Widths are SVG attributes, hues are
   classes. Behaviour is asked for by ``data-sb-…`` attributes (see ``assets/signalbook.js``).

Addresses in a body start at ``ROOT``: use ``href("plans/index.html")``, ``site.link(document)``,
``href(site.address(post), "copy-mastodon")``; never write ``../`` by hand. The body is what stands inside ``main``; start
it with ``sb.head(...)``, which holds the page's only ``h1``. The shell adds head, header, banner, edit link of the
page's ``source`` (in the footer: a page puts its own *Edit the file* button into ``sb.head(acts=...)`` too) and footer.

Components: ``site_plugins.components`` (``sb`` in templates, escapes by itself, returns ``Markup``): ``status(key)``,
``status_icon``, ``severity``, ``channel`` (use ``site.channel(key, bare=False)`` and ``site.channels(keys)``; a document's own state: ``site.status(document)``), ``who``, ``label``,
``count``, ``chip``, ``bar``, ``meter``, ``spark``, ``kpi``, ``table``, ``row`` + ``rows``, ``facts``, ``empty``, ``note``, ``clock``, ``age``,
``ago``, ``amount``, ``crumbs``, ``head``, ``panel``, ``seg``, ``button``, ``icon``, ``finding_list``. Layout classes: ``sb-stack``
(one column), ``sb-cols`` / ``sb-cols--3`` / ``sb-cols--21``, ``sb-split`` (main and side), ``sb-toolbar``, ``sb-filter``,
``sb-cal``, ``sb-lanes``, ``sb-year``, ``sb-board``, ``sb-previews``, ``sb-steps``, ``sb-goal``, ``sb-gantt``, ``sb-night``
(playbooks), ``sb-say``, ``sb-checks``, ``sb-prose`` (rendered Markdown goes inside one). A new glyph: add its name to
``components/icons.py``. A new class: a section of ``assets/signalbook.css``.

Templates: ``components.render(__package__, "month.html", month=month, site=site)`` finds ``templates/month.html`` beside the
room; autoescape is on, an unknown name raises; ``sb``, ``href`` and ``ROOT`` are there; shared ``{% call %}`` blocks are in
``blocks.html``. Jinja costs about ten times an f-string: use it for layouts, plain functions for rows by the thousand.
``Markup`` comes from ``site_plugins.markup``, whose ``format`` is quick.

People's text: ``site.markdown(body, path)`` for Markdown (sanitised; relative links to ``.md`` files lead to pages, others
stay text; author fences become components), ``text.plain(copy)`` for copy of text networks, ``text.words(html, 300)`` for
search. Everything else goes through ``Markup.format`` or a template, never through an f-string into ``Markup``.

Filters and keys of the calendar, as in the reference design: ``<form class="sb-filter" data-sb-filter="#month">`` with
named fields over items with ``data-sb-item data-channel="a b" data-status="…"``. A chip or a glyph is an item by its class,
which says its state too; a row says its channel with ``data-sb-row``, and the list what holds for most (``controls.common``);
``data-sb-day`` on the links of days; ``data-sb-copy="#id"`` on copy buttons (born ``hidden``), ``data-sb-checks="key"``,
``data-sb-print``, ``time[data-sb-deadline]``, tables with ``sort=True``.

How the pieces stand together: ``pages`` (a page), ``site`` (addresses), ``text`` (Markdown), ``components`` (parts),
``shells`` (the frame around a body), ``search`` (what the theme's search reads), ``manifest`` (what is written),
``build`` (the whole in order), ``serve`` (live), ``_mkdocs`` (the one file that imports the builder).
"""

from __future__ import annotations
