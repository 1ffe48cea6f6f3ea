"""Whether files hold to the schemas that check-jsonschema brings along."""

from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from tests.baking import BakedProject


def schema_faults(project: BakedProject, schema: str, *names: str, options: str = "") -> list[str]:
    """Return what check-jsonschema says of the files ``names``; nothing if they hold to ``schema``.

    Args:
        schema: one of its built-in schemas, such as ``vendor.compose-spec``.
        options: more of its options, separated by blanks.
    """
    files = [str(project.path / name) for name in names]
    done = CliRunner().invoke(
        check_jsonschema, ["--builtin-schema", schema, *options.split(), *files]
    )
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return [done.output.strip()] if done.exit_code else []
