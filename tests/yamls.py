"""What is wrong with how a bake's YAML is written: ``yaml_faults(project, "k8s")``."""

from yamllint import linter
from yamllint.config import YamlLintConfig

from tests.baking import BakedProject

CONFIG = YamlLintConfig(
    """
    extends: default
    rules:
      comments: {min-spaces-from-content: 1}
      document-start: disable
      line-length: {max: 100}
      truthy: {check-keys: false}
    """
)


def yaml_faults(project: BakedProject, *places: str) -> list[str]:
    """Return what yamllint finds, warnings too, in the files that are ``places`` or below them."""
    names = [
        name
        for name in project.files
        if name.endswith((".yaml", ".yml"))
        and any(name == place or name.startswith(f"{place}/") for place in places)
    ]
    assert names, f"no YAML at {places}"
    return [
        f"{name}:{problem.line}: {problem.desc}"
        for name in names
        for problem in linter.run(project.text(name), CONFIG)
    ]
