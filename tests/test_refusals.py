"""Answers that cannot work are refused, all at once, and leave nothing behind."""

import keyword
import sys
import tomllib

import pytest

from tests.baking import SERVICE, hook, run_cookiecutter
from tests.test_questions import answered

PRE_GEN = hook("pre_gen_project")


def problems(**answers: object) -> list[str]:
    """Return what the hook says to ``answers``, taken as they are, and else to the defaults."""
    if "project_slug" in answers:
        answers["__slug_as_answered"] = answers["project_slug"]
    return list(PRE_GEN.problems({**answered(), **answers}))


def test_a_refusal_says_what_was_wrong_and_what_would_be_right():
    [problem] = problems(project_slug="class")
    assert problem == (
        "project_slug 'class' is a Python keyword. "
        "Use lower-case letters, digits and _, starting with a letter, for example 'class_service'."
    )


@pytest.mark.parametrize(
    ("project_slug", "reason"),
    [
        ("", "is no plain name"),
        ("Shop", "is no plain name"),
        ("my-shop", "is no plain name"),
        ("my shop", "is no plain name"),
        ("my__shop", "is no plain name"),
        ("_shop", "is no plain name"),
        ("shop_", "is no plain name"),
        ("3d_shop", "is no plain name"),
        ("größe", "is no plain name"),
        ("shop\n", "is no plain name"),
        ("../shop", "is no plain name"),
        ("my/shop", "is no plain name"),
        (None, "is no plain name"),
        ("s", "is too short"),
        ("s" * 41, "has 41 characters"),
        ("class", "is a Python keyword"),
        ("match", "is a Python keyword"),
        ("type", "is the name of a module of Python itself"),
        ("json", "is the name of a module of Python itself"),
        ("django", "is the name of a package that the service can depend on"),
        ("celery", "is the name of a package that the service can depend on"),
        ("rest_framework", "is the name of a package that the service can depend on"),
        ("environ", "is the name of a package that the service can depend on"),
        ("config", "is a name with a meaning of its own in the service or its servers"),
        ("apps", "is a name with a meaning of its own in the service or its servers"),
        ("core", "is a name with a meaning of its own in the service or its servers"),
        ("tests", "is a name with a meaning of its own in the service or its servers"),
        ("test", "is a name with a meaning of its own in the service or its servers"),
        ("src", "is a name with a meaning of its own in the service or its servers"),
        ("manage", "is a name with a meaning of its own in the service or its servers"),
        ("pg_shop", "is a name that Kubernetes or PostgreSQL keeps for itself"),
        ("con", "is the name of a device on Windows"),
        ("com1", "is the name of a device on Windows"),
        ("lpt9", "is the name of a device on Windows"),
    ],
)
def test_a_slug_that_cannot_name_the_project_is_refused(project_slug, reason):
    [problem] = problems(project_slug=project_slug)
    assert reason in problem


@pytest.mark.parametrize("project_slug", ["ab", "shop", "my_shop", "shop2", "a1_b2_c3", "s" * 40])
def test_a_plain_slug_is_accepted(project_slug):
    assert problems(project_slug=project_slug) == []


@pytest.mark.parametrize(
    ("project_slug", "suggested"),
    [
        ("class", "class_service"),
        ("My Shop", "my_shop"),
        ("3d-shop", "d_shop"),
        ("größe", "groe"),
        ("Django", "django_service"),
        ("日本", "my_service"),
        ("", "my_service"),
        ("s" * 50, "s" * 40),
        ("x", "x_service"),
    ],
)
def test_the_suggested_slug_resembles_the_answer_and_is_accepted(project_slug, suggested):
    [problem] = problems(project_slug=project_slug)
    assert problem.endswith(f"for example {suggested!r}.")
    assert problems(project_slug=suggested) == []


def test_no_keyword_and_no_standard_module_is_a_slug():
    names = {*keyword.kwlist, *sys.stdlib_module_names}
    candidates = sorted(name for name in names if PRE_GEN.SLUG.fullmatch(name))
    assert [name for name in candidates if not problems(project_slug=name)] == []


def test_no_package_in_a_seed_lock_is_a_slug():
    names = set()
    for seed in (SERVICE / "locks").glob("*.lock"):
        names |= {package["name"] for package in tomllib.loads(seed.read_text("utf-8"))["package"]}
    slugs = {name.replace("-", "_").replace(".", "_") for name in names - {"seed"}}
    assert len(slugs) > 50
    assert sorted(slug for slug in slugs if not problems(project_slug=slug)) == []


@pytest.mark.parametrize("question", ["project_name", "description", "author_name"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \t ", "is empty"),
        ("\u200b", "is empty"),
        (None, "is empty"),
        ("x" * 201, "has 201 characters"),
        (" a", "begins or ends with white space"),
        ("a\u00a0", "begins or ends with white space"),
        ("a\nb", "U+000A (a line break)"),
        ("a\rb", "U+000D (a line break)"),
        ("a\x85b", "U+0085 (a line break)"),
        ("a\u2028b", "U+2028 (a line break)"),
        ("a\u2029b", "U+2029 (a line break)"),
        ("a\tb", "U+0009 (a control character)"),
        ("a\x00b", "U+0000 (a control character)"),
        ("a\x1bb", "U+001B (a control character)"),
        ("a\x7fb", "U+007F (a control character)"),
        ("a\x9fb", "U+009F (a control character)"),
        ("a\ud800b", "U+D800 (half a character)"),
        ("a\ufdd0b", "U+FDD0 (no character)"),
        ("a\ufffeb", "U+FFFE (no character)"),
        ("a\uffffb", "U+FFFF (no character)"),
        ("a\U0010ffffb", "U+10FFFF (no character)"),
        ("\ufeffab", "U+FEFF (a byte order mark)"),
        *[
            (f"a{chr(number)}b", f"U+{number:04X} (a direction control")
            for number in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
        ],
        ("{{ 7 * 7 }}", "'{{', which is template syntax"),
        ("a {% b", "'{%', which is template syntax"),
        ("a {# b", "'{#', which is template syntax"),
        ("# % if", "'# %', which is template syntax"),
    ],
)
def test_a_text_that_does_not_fit_every_file_is_refused(question, text, reason):
    [problem] = problems(**{question: text})
    assert problem.startswith(question)
    assert reason in problem
    assert problem.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200,
        """O'Neill & "Sons" <x> \\ 100 % #1 {a} }} $HOME `x`""",
        "שירות לקוחות",  # right to left
        "خدمة\u200f",  # with a mark that only says which way a letter without direction goes
        "👩\u200d🚀 team",  # joined by U+200D
        "日本語 Ünïcödé",
    ],
)
def test_a_text_in_any_language_is_accepted(text):
    assert problems(project_name=text, description=text, author_name=text) == []


@pytest.mark.parametrize(
    "author_email",
    [
        "",
        "you",
        "you@",
        "@example.com",
        "you@example",
        "you@@example.com",
        "you@exam ple.com",
        "you @example.com",
        "You <you@example.com>",
        ".you@example.com",
        "you.@example.com",
        "yo..u@example.com",
        "you@-example.com",
        "you@example..com",
        "you@example.com.",
        "you@10.0.0.1",
        "yöu@example.com",
        "you@example.\u212aom",  # the Kelvin sign, which is a k in lower case
        "you@example.com\n",
        '"you"@example.com',
        "y" * 65 + "@example.com",
        "you@" + "a" * 64 + ".com",
        "you@" + "a." * 125 + "com",
        None,
    ],
)
def test_a_malformed_address_is_refused(author_email):
    [problem] = problems(author_email=author_email)
    assert problem.startswith("author_email ")
    assert problem.endswith("for example 'you@example.com'.")


@pytest.mark.parametrize(
    "author_email",
    [
        "you@example.com",
        "First.O'Last+tag@Mail.Example.co.uk",
        "a_b-c@xn--bcher-kva.example",
        "root@localhost",
    ],
)
def test_an_ordinary_address_is_accepted(author_email):
    assert problems(author_email=author_email) == []


@pytest.mark.parametrize(
    "domain_name",
    [
        "",
        "example",
        "https://example.com",
        "example.com:8000",
        "example.com/api",
        "example.com.",
        ".example.com",
        "exa mple.com",
        "Example.com",
        "exa_mple.com",
        "-example.com",
        "example-.com",
        "bücher.example",
        "10.0.0.1",
        "*.example.com",
        "example.com\n",
        "a" * 64 + ".com",
        "a." * 126 + "com",
        None,
    ],
)
def test_a_malformed_domain_is_refused(domain_name):
    [problem] = problems(domain_name=domain_name)
    assert problem.startswith("domain_name ")
    assert "without https://, port or path" in problem


@pytest.mark.parametrize(
    "domain_name",
    ["example.com", "localhost", "api.shop.example.co.uk", "xn--bcher-kva.example", "3d.io"],
)
def test_an_ordinary_domain_is_accepted(domain_name):
    assert problems(domain_name=domain_name) == []


def test_django_6_1_is_refused_on_python_3_11():
    [problem] = problems(django_version="6.1", python_version="3.11")
    assert problem.startswith("django_version 6.1 needs Python 3.12 or later.")


@pytest.mark.parametrize(
    ("django_version", "python_version"),
    [("5.2", "3.11"), ("5.2", "3.14"), ("6.1", "3.12"), ("6.1", "3.13"), ("6.1", "3.14")],
)
def test_other_versions_go_together(django_version, python_version):
    assert problems(django_version=django_version, python_version=python_version) == []


@pytest.mark.parametrize("database", ["mysql", "sqlite"])
def test_row_level_security_is_refused_on_another_database_than_postgresql(database):
    assert problems(database=database, row_level_security=True) == [
        (
            f"row_level_security is PostgreSQL's, and {database} has none. "
            "Choose database postgresql, or leave row_level_security out."
        )
    ]
    assert problems(database=database) == []
    assert problems(row_level_security=True) == []


BAD_ANSWERS = {
    "project_name": "a\u202eb",
    "project_slug": "class",
    "author_email": "you",
    "domain_name": "https://example.com",
    "django_version": "6.1",
    "python_version": "3.11",
}
BAD_ARGUMENTS = [f"{question}={answer}" for question, answer in BAD_ANSWERS.items()]


def test_all_problems_are_printed_at_once_a_line_for_each(into):
    done = run_cookiecutter(into, "--no-input", *BAD_ARGUMENTS)
    assert done.returncode == 1
    expected = problems(**BAD_ANSWERS)
    assert len(expected) == 5
    assert done.stderr.splitlines()[:5] == expected


@pytest.mark.parametrize("project_slug", ["class", "a/b", "../shop", "", "s" * 300])
def test_a_refusal_leaves_nothing(into, project_slug):
    done = run_cookiecutter(into, "--no-input", f"project_slug={project_slug}")
    assert done.returncode == 1
    assert done.stderr.startswith("project_slug")
    assert list(into.parent.rglob("*")) == [into]


def test_a_refusal_leaves_a_project_as_it_was(into):
    project = into / "class"
    project.mkdir()
    (project / "mine.txt").write_text("mine", "utf-8")
    done = run_cookiecutter(into, "--no-input", "--overwrite-if-exists", *BAD_ARGUMENTS)
    assert done.returncode == 1
    assert [file.read_text("utf-8") for file in into.rglob("*") if file.is_file()] == ["mine"]


def test_a_refusal_renders_nothing_even_where_the_folder_is_to_be_kept(into):
    done = run_cookiecutter(into, "--no-input", "--keep-project-on-failure", *BAD_ARGUMENTS)
    assert done.returncode == 1
    assert list(into.rglob("*")) == [into / "class"]


def test_what_is_typed_is_refused_too(into):
    typed = "\n".join(["{{ 7 * 7 }}", *[""] * 30]) + "\n"
    done = run_cookiecutter(into, typed=typed)
    assert done.returncode == 1
    assert "project_name holds '{{', which is template syntax" in done.stderr
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("answer", ["database=oracle", "example_app=perhaps"])
def test_an_unknown_choice_is_refused(into, answer):
    done = run_cookiecutter(into, "--no-input", answer)
    assert done.returncode == 1
    assert list(into.iterdir()) == []


def test_no_answer_ends_the_string_that_the_hook_reads_it_from(into):
    name = """'\"\"\"\\ \\\\ \\" + exit(3) + r\"\"\" \\"""
    done = run_cookiecutter(into, "--no-input", f"project_name={name}", "author_email=no")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == problems(author_email="no")[0]
