"""What ``mkdocs.yml`` says, read without the builder: enough to know what the site is called and who must render it.

The builder is asked only when the file holds something that only the builder understands: other plugins, hooks,
a theme of the team's own. Everything else is ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from signalbook.classes import dataclass
from signalbook.errors import SettingsError
from signalbook.quiet import zone_of
from site_plugins.pages import digest

OUR_PLUGINS: Final = frozenset({"search", "material/search", "signalbook"})
_OUR_KEYS: Final = frozenset(
    "site_name site_url site_description site_author repo_url repo_name edit_uri docs_dir site_dir theme plugins "
    "use_directory_urls strict dev_addr copyright nav validation watch exclude_docs not_in_nav draft_docs".split()
)
_OUR_THEME_KEYS: Final = frozenset("name font features palette icon language logo favicon".split())


@dataclass(frozen=True, slots=True)
class Conf:
    """The builder's configuration as far as we need it.

    Attributes:
        path: the file.
        name: the site's name.
        url: where the site is published, with a slash at the end; may be empty.
        repo: the repository's address without a slash at the end; may be empty.
        edit: what comes between ``repo`` and a path relative to the workspace.
        docs_dir: the builder's own folder, absolute.
        site_dir: where the site goes, absolute.
        strict: whether findings that block fail the build.
        now: the plugin's option ``now`` as written.
        guide: folder below the workspace whose Markdown becomes the guide; may be empty.
        second_zone: IANA name of the zone that the calendar shows beside the team's; may be empty.
        direct: whether the builder is not needed while the shell is known.
        digest: of the file's bytes.
        plugins: their names, in order.
    """

    path: Path
    name: str
    url: str
    repo: str
    edit: str
    docs_dir: Path
    site_dir: Path
    strict: bool
    now: object
    guide: str
    second_zone: str
    direct: bool
    digest: str
    plugins: tuple[str, ...] = ()


def read(path: Path) -> Conf:
    """Read the configuration.

    Raises:
        SettingsError: there is no such file, it is not YAML, or it does not name the plugin.
    """
    import yaml

    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{path.name} is missing. Write one with site_name: and plugins: [search, signalbook]."
        ) from error
    try:
        raw = yaml.load(data, Loader=_loader(yaml))  # noqa: S506 - a safe loader that keeps unknown tags as marks
    except yaml.YAMLError as error:
        raise SettingsError(f"{path.name} is not YAML: {error}") from error
    if not isinstance(raw, dict):
        raise SettingsError(f"{path.name} holds no settings. Write site_name: and plugins: [search, signalbook].")
    plugins = _plugins(raw.get("plugins"))
    if "signalbook" not in plugins:
        raise SettingsError(f"{path.name} does not name the plugin. Write plugins: [search, signalbook].")
    options = plugins["signalbook"]
    theme = raw.get("theme") or {}
    theme = {"name": theme} if isinstance(theme, str) else theme
    root = path.parent
    docs_dir = (root / str(raw.get("docs_dir") or "docs")).resolve()
    direct = (
        set(plugins) <= OUR_PLUGINS
        and set(raw) <= _OUR_KEYS
        and isinstance(theme, dict)
        and set(theme) <= _OUR_THEME_KEYS
        and theme.get("name") == "material"
        and docs_dir == (root / "content").resolve()
        and not _marked(raw)
    )
    repo = _text(raw.get("repo_url")).rstrip("/")
    site_dir = Path(_text(raw.get("site_dir")) or "site")
    return Conf(
        path=path,
        name=_text(raw.get("site_name")) or "Signalbook",
        url=_slash(_text(raw.get("site_url"))),
        repo=repo,
        edit=_edit(repo, raw.get("edit_uri"), docs_dir, root),
        docs_dir=docs_dir,
        site_dir=site_dir if site_dir.is_absolute() else root / site_dir,
        strict=raw.get("strict") is True,
        now=options.get("now"),
        guide=_text(options.get("guide")).strip("/"),
        second_zone=_zone(_text(options.get("second_zone"))),
        direct=direct,
        digest=digest(data.hex()),
        plugins=tuple(plugins),
    )


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A value with a tag that only the builder resolves."""

    tag: str


def _loader(yaml: Any) -> Any:
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("_Loader", (base,), {})
    loader.add_multi_constructor("!", lambda _loader, suffix, _node: _Tagged(suffix))
    loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, suffix, _node: _Tagged(suffix))
    return loader


def _marked(value: object) -> bool:
    if isinstance(value, _Tagged):
        return True
    if isinstance(value, dict):
        return any(_marked(one) for one in value.values())
    return isinstance(value, list) and any(_marked(one) for one in value)


def _plugins(value: object) -> dict[str, dict[str, Any]]:
    if isinstance(value, dict):
        return {str(name): options if isinstance(options, dict) else {} for name, options in value.items()}
    found: dict[str, dict[str, Any]] = {}
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            found |= _plugins(one)
        else:
            found[str(one)] = {}
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _zone(name: str) -> str:
    """The name of a zone that is known here.

    Raises:
        SettingsError: there is no such zone.
    """
    if name and zone_of(name) is None:
        raise SettingsError(
            f"The option second_zone of the plugin signalbook: {name!r} is no time zone. Write it like America/New_York."
        )
    return name


def _slash(url: str) -> str:
    return url if not url or url.endswith("/") else f"{url}/"


def _edit(repo: str, uri: object, docs_dir: Path, root: Path) -> str:
    """The way from the repository to a file of the workspace, from the builder's ``edit_uri``, which leads to its docs."""
    if not repo or uri == "":
        return ""
    if isinstance(uri, str):
        below = docs_dir.relative_to(root.resolve()).as_posix() if docs_dir.is_relative_to(root.resolve()) else ""
        start = uri.strip("/")
        if start == below or start.endswith(f"/{below}"):
            start = start[: len(start) - len(below)].rstrip("/")
        return f"{start}/" if start else ""
    host = urlsplit(repo).hostname or ""
    if host == "bitbucket.org":
        return "src/main/"
    return "-/edit/main/" if "gitlab" in host else "edit/main/"
