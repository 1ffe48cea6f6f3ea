"""What a bake's image keeps of the folder and the arguments that it is built with.

No engine is here to build it, so this reads the Dockerfile as one does: which files COPY takes from the
context, which .dockerignore narrows, and what stays in the configuration and the history of the image.
"""

import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

from tests.baking import BakedProject
from tests.containers import in_context

# https://docs.docker.com/reference/dockerfile/#environment-replacement
REPLACED = {"ARG", "COPY", "ENV", "LABEL", "USER", "WORKDIR"}


@dataclass(frozen=True)
class Image:
    """What is kept: ``files`` by their paths in the context, and ``lines`` that ``docker history`` shows.

    Of all stages: those before the last are in the caches of builds, which are pushed too.
    """

    files: dict[str, bytes]
    lines: list[str]

    def seen(self, secrets: Mapping[str, str]) -> list[str]:
        """Return the names of ``secrets`` whose values are in it, sorted."""
        kept = [*self.files.values(), *(line.encode() for line in self.lines)]
        return sorted(
            name for name, secret in secrets.items() if any(secret.encode() in one for one in kept)
        )

    def suspicious(self) -> list[str]:
        """Return the pairs of the configuration in which detect-secrets finds a secret."""
        asked = [
            pair
            for line in self.lines
            if line.startswith(("ARG ", "ENV ", "LABEL "))
            for pair in pairs(line)
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file, default_settings():
            file.write("\n".join(asked))
            file.flush()
            return sorted({asked[found.line_number - 1] for found in scan_file(file.name)})


def image(project: BakedProject, arguments: Mapping[str, str]) -> Image:
    """Return what is kept of a build of ``project`` with these ``--build-arg``.

    Those that the Dockerfile does not declare are not used, as in a build.
    """
    ignored = [line for line in project.text(".dockerignore").splitlines() if line[:1] not in "#"]
    context = [name for name in project.files if in_context(ignored, name)]
    files: dict[str, bytes] = {}
    lines = []
    known: dict[str, str] = {}
    for word, rest in instructions(project.text("Dockerfile")):
        text = with_values(rest, known) if word in REPLACED else rest
        if word == "ARG":
            name, _, default = text.partition("=")
            known[name] = arguments.get(name, default.strip('"'))
            text = f"{name}={known[name]}"
        elif word == "COPY" and "--from=" not in text:
            for name in taken(text, context):
                files[name] = (project.path / name).read_bytes()
        lines.append(f"{word} {text}")
    return Image(files, lines)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction with what follows it, on one line."""
    kept = "\n".join(line for line in text.splitlines() if not re.match(r"\s*#", line))
    for line in re.sub(r"\\\n\s*", "", kept).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest


def with_values(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: known.get(found[1], found[0]), text)


def taken(text: str, context: list[str]) -> Iterator[str]:
    """Yield the files of ``context`` that a COPY of it takes: files, patterns, whole folders."""
    *sources, _ = (word for word in text.split() if not word.startswith("--"))
    for name in context:
        for source in sources:
            if source == "." or fnmatch(name, source) or name.startswith(f"{source}/"):
                yield name


def pairs(line: str) -> list[str]:
    """Return each ``NAME = "value"`` of a line of the configuration, as detectors know it of code."""
    named = (word.partition("=") for word in shlex.split(line.partition(" ")[2]))
    return [f'{name} = "{value}"' for name, _, value in named]
