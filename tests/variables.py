"""What a bake says about itself: the variables it reads, the paths it answers, its constants."""

import ast
import math
import re

from dotenv import dotenv_values

from tests.baking import BakedProject


def known_variables(project: BakedProject) -> set[str]:
    """Return the names that `.env.example` explains, those that are commented out too."""
    return set(re.findall(r"(?m)^(?:# )?([A-Z][A-Z0-9_]*)=", project.text(".env.example")))


def required_variables(project: BakedProject) -> set[str]:
    """Return the names without which production does not start."""
    calls = (
        node
        for source in project.files
        if source.startswith("src/config/") and source.endswith(".py")
        for node in ast.walk(ast.parse(project.text(source)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Variable"
    )
    names = {
        ast.literal_eval(call.args[0])
        for call in calls
        if not any(keyword.arg == "is_optional" for keyword in call.keywords)
    }
    assert names, "src/config says no longer by Variable(...) what it needs"
    return names


def env_lines(markdown: str) -> dict[str, str]:
    """Return the variables in the ``ini`` blocks of a document."""
    blocks = re.findall(r"(?ms)^```ini\n(.*?)^```", markdown)
    return dict(line.split("=", 1) for block in blocks for line in block.splitlines())


def health_paths(project: BakedProject) -> set[str]:
    """Return the paths that the health middleware answers."""
    return set(re.findall(r"\"(/[a-z]+/)\": ", project.text("src/core/health/middleware.py")))


def queues(project: BakedProject) -> set[str]:
    """Return the names of the queues."""
    tree = ast.parse(project.text("src/core/jobs/queues.py"))
    (queue,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Queue")
    return {ast.literal_eval(n.value) for n in queue.body if isinstance(n, ast.Assign)}


def worker_faults(project: BakedProject, commands: list[str]) -> list[str]:
    """Return why workers that are started by ``commands`` would not share out the queues, if so."""
    given = [name for command in commands for name in re.findall(r"--queues=(\S+)", command)]
    worked_on = sorted(queue for names in given for queue in names.split(","))
    there = sorted(queues(project))
    return (
        [] if worked_on == there else [f"the workers work on {worked_on}, the queues are {there}"]
    )


def constant_product(project: BakedProject, name: str) -> int:
    """Return the setting ``name``, a product of whole numbers, in seconds or bytes."""
    (expression,) = re.findall(rf"(?m)^{name} = ([\d *]+)$", settings_of(project))
    return product(expression)


def product(expression: str) -> int:
    """Return what ``expression`` says, such as ``5 * 60``."""
    return math.prod(map(int, expression.split("*")))


def settings_of(project: BakedProject) -> str:
    """Return what stands in the modules of settings."""
    folder = project.path / "src" / "config" / "settings"
    return "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.py")))


def environment_values(project: BakedProject) -> dict[str, str]:
    """Return what stands in the bake's `.env`."""
    return {name: value or "" for name, value in dotenv_values(project.path / ".env").items()}
