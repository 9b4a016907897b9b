"""The one file that knows the builder: MkDocs 1.6, or ProperDocs, which runs the same plugin.

The builder renders the shell, the page for addresses that lead nowhere and what lies outside ``content/``. Everything
else is made by ``build``, whichever command was given: ``signalbook build`` runs the builder through ``render``, plain
``mkdocs build`` and ``mkdocs serve`` run through the events below, and both end in the same ``build.write``.
"""

from __future__ import annotations

import logging
import os
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from mkdocs.commands.build import build as run_builder
from mkdocs.config import config_options as option
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.exceptions import Abort, PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel

from signalbook.errors import SignalbookError
from signalbook.workspace import Workspace
from site_plugins import build, shells
from site_plugins import conf as conf_
from site_plugins.components.icons import letters
from site_plugins.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mkdocs.config.defaults import MkDocsConfig

log = logging.getLogger("mkdocs.plugins.signalbook")

_SHELL_SOURCE = "_shell/index.md"
_SHELL_TEXT = "---\nsearch:\n  exclude: true\n---\n"


class Options(Config):  # type: ignore[no-untyped-call]
    """The plugin's options in ``mkdocs.yml``: how the site looks and when it takes itself to be built."""

    now = option.Optional(option.Type(object))
    """An instant: the site is built as of then, and says so. Absent: the clock."""
    guide = option.Optional(option.Type(str))
    """A folder of the workspace whose Markdown becomes the guide."""
    second_zone = option.Optional(option.Type(str))
    """The zone that the calendar shows beside the team's."""


class SignalbookPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """The builder's events, each a call or two."""

    given: build.Order | None = None
    """What ``render`` was given; then nothing is written here, and the shell is all that is wanted."""
    shell: shells.Rendered | None = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Prepare the site, send the builder's output to a scratch folder, put our templates before the theme's."""
        try:
            if self.given is not None:
                self.order = self.given
            else:
                root = Path(config.config_file_path).parent
                self.prepared = build.prepare(Workspace(root), conf_.read(Path(config.config_file_path)))
                self.order = self.prepared.order
        except SignalbookError as error:
            raise PluginError(str(error)) from error
        self.target = Path(config.site_dir).absolute()
        scratch = _scratch(self.order.workspace)
        scratch.mkdir(parents=True, exist_ok=True)
        config.site_dir = str(scratch)
        config.use_directory_urls = False
        config.nav = None
        config.theme["font"] = False
        ours = str(build.HERE / "theme")
        if ours not in config.theme.dirs:
            config.theme.dirs.insert(1 if config.theme.custom_dir else 0, ours)
        if config.theme.name != "material":
            raise PluginError("mkdocs.yml names another theme. Write theme: {name: material}; ours stands on it.")
        config.theme.static_templates -= {"sitemap.xml"}
        config.theme.get_env = partial(_environment, config.theme.get_env)  # type: ignore[method-assign]
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Take out everything below ``content/`` and the theme's files that no page loads; add the shell and the font."""
        content = self.order.workspace.content.resolve()
        asked = {str(path) for path in (*config.extra_css, *config.extra_javascript)}
        for file in list(files):
            source = Path(file.abs_src_path) if file.abs_src_path else None
            theirs = source is not None and (source.is_relative_to(content) or source.resolve().is_relative_to(content))
            if (theirs and file.src_uri not in asked) or (source is not None and not theirs and _unused(file.src_uri)):
                files.remove(file)
        shell = File.generated(config, _SHELL_SOURCE, content=_SHELL_TEXT, inclusion=InclusionLevel.NOT_IN_NAV)
        files.append(shell)
        glyphs = letters(build.theme_folder() / ".icons")
        files.append(File.generated(config, "assets/glyphs.woff", content=glyphs))
        return files

    def on_page_context(self, context: Any, **_: Any) -> Any:
        """Give the templates the frame."""
        context["frame"] = self.order.look.frame
        return context

    def on_template_context(self, context: Any, **_: Any) -> Any:
        """Give the templates the frame."""
        context["frame"] = self.order.look.frame
        return context

    def on_post_page(self, output: str, *, page: Any, **_: Any) -> str:
        """Set the builder's own pages into the frame they were rendered with; the shell stays open."""
        if page.file.src_uri == _SHELL_SOURCE:
            return output
        address = page.file.dest_uri
        one = Page(
            address, str(page.title), address.split("/", 1)[0], str, "", description=page.meta.get("description", "")
        )
        site = self.order.look.site
        assert site is not None  # noqa: S101 - with pages of its own the builder runs in this process
        return shells.Shell(output, site).set(one, page.content or "").data.decode()

    def on_post_template(self, output: str, *, template_name: str, **_: Any) -> str:
        """Keep the page for addresses that lead nowhere; it is written with the others."""
        if template_name == "404.html":
            self.missing = output
        return output

    @event_priority(-100)
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Keep what the builder made; then, unless somebody else does, write the site."""
        scratch = Path(config.site_dir)
        kept = self.order.workspace.cache
        self.shell = shells.store(kept, self.order.look.shell_key, scratch, missing=self.missing)
        shutil.rmtree(scratch, ignore_errors=True)
        config.site_dir = str(self.target)  # whatever runs after a build looks for the site there
        if self.given is not None:
            return
        for one in self.prepared.findings:
            say = log.warning if one.blocks else log.debug
            say("%s:%s  %s\n    %s %s", one.path, one.line, one.field, one.message, one.remedy)
        if config.strict and (blocked := self.prepared.blocked):
            count = f"{len(blocked)} findings block" if len(blocked) > 1 else "one finding blocks"
            raise PluginError(f"Nothing was written: {count} a strict build. They are listed above.")
        try:
            done = build.write(self.prepared, self.shell, self.target)
        except SignalbookError as error:
            raise PluginError(str(error)) from error
        log.info("%s pages, %s files written, %s removed", done.pages, len(done.written), len(done.removed))

    def on_build_error(self, **_: Any) -> None:
        """Leave nothing behind."""
        if hasattr(self, "order"):
            shutil.rmtree(_scratch(self.order.workspace), ignore_errors=True)

    def on_serve(self, server: Any, **_: Any) -> Any:
        """Watch what the builder would not look at."""
        workspace, guide = self.order.workspace, self.order.conf.guide
        for path in (
            workspace.content,
            workspace.data,
            workspace.settings,
            *([workspace.root / guide] if guide else []),
        ):
            if path.exists():
                server.watch(str(path))
        return server


def render(order: build.Order) -> shells.Rendered:
    """Run the builder in this process for the shell.

    Raises:
        SignalbookError: the builder refused its configuration, or stopped.
    """
    try:
        config = load_config(str(order.conf.path), site_dir=str(_scratch(order.workspace)))
        plugin = config.plugins["signalbook"]
        assert isinstance(plugin, SignalbookPlugin)  # noqa: S101 - conf has looked
        plugin.given = order
        run_builder(config)
    except Abort as error:
        raise SignalbookError(f"The builder stopped: {error}") from error
    except PluginError as error:
        raise SignalbookError(str(error)) from error
    assert plugin.shell is not None  # noqa: S101 - on_post_build ran
    return plugin.shell


def _environment(made: Callable[[], jinja2.Environment]) -> jinja2.Environment:
    """The theme's templates. Their list leaves hidden folders out, as the builder does itself, glyph by glyph of 14,000."""
    env = made()
    assert isinstance(env.loader, jinja2.FileSystemLoader)  # noqa: S101 - what the builder makes
    env.loader.list_templates = partial(_shown, env.loader.searchpath)  # type: ignore[method-assign]
    return env


def _shown(folders: Iterable[str]) -> list[str]:
    """The names of all files in folders, without what is hidden."""
    found = set()
    for root in folders:
        for folder, below, names in os.walk(root):
            below[:] = [name for name in below if not name.startswith(".")]
            way = Path(folder).relative_to(root)
            found.update([(way / name).as_posix() for name in names if not name.startswith(".")])
    return sorted(found)


def _scratch(workspace: Workspace) -> Path:
    """Where the builder writes; two builds at once do not meet."""
    return workspace.cache / f"scratch-{os.getpid()}"


def _unused(path: str) -> bool:
    """Whether a file of the theme is loaded by no page of ours: its sheets, worker and stemmers gave way to our own."""
    unused = (
        "assets/stylesheets/",
        "assets/images/favicon",
        "assets/javascripts/lunr/",
        "assets/javascripts/workers/",
    )
    return path.endswith(".map") or path.startswith(unused)
