"""Input followed to where it does harm: each rule reached and not reached, and what values are on the way."""

from __future__ import annotations

import ast
import textwrap

import pytest

from quality_platform.analysis.taint.find import find, find_in_newer
from quality_platform.analysis.taint.formatted_strings import rewritten
from quality_platform.analysis.taint.rules import RULES

HEAD = """
import base64, hashlib, html, os, pathlib, pickle, random, secrets, shlex, sqlite3, subprocess, urllib.parse
import flask, yaml, lxml.etree, elementpath, ldap3, xml.sax, xml.dom.minidom
from flask import Flask, redirect, request, session, make_response, render_template_string
from ldap3.utils.conv import escape_filter_chars
from werkzeug.utils import secure_filename
app = Flask(__name__)
db = sqlite3.connect("x").cursor()
conn = ldap3.Connection("x")
@app.route("/")
def view():
    x = request.args.get("x")
"""


def rules_in(body: str) -> set[str]:
    source = (HEAD + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n").encode()
    return {finding.rule for finding in find(source, ast.parse(source), b"key")}


@pytest.mark.parametrize(
    ("rule", "harm"),
    [
        ("command-injection", 'os.system("ls " + x)'),
        ("command-injection", 'subprocess.run(f"ls {x}", shell=True)'),
        ("command-injection", 'subprocess.run(["sh", "-c", x])'),
        ("command-injection", "subprocess.run([x])"),
        ("code-injection", "eval(x)"),
        ("sql-injection", "db.execute(\"select * from t where a = '%s'\" % x)"),
        ("sql-injection", 'db.execute("select {}".format(x))'),
        ("path-traversal", 'open(os.path.join("/srv", x))'),
        ("path-traversal", '(pathlib.Path("/srv") / x).read_text()'),
        ("cross-site-scripting", 'return "<b>" + x'),
        ("cross-site-scripting", "answer = make_response(x); return answer"),
        ("open-redirect", "return redirect(x)"),
        ("ldap-injection", 'conn.search("ou=x", f"(uid={x})")'),
        ("xpath-injection", 'lxml.etree.parse("x").xpath(f"//a[@b=\'{x}\']")'),
        ("xpath-injection", 'elementpath.select(1, "//a[@b=\'" + x + "\']")'),
        ("unsafe-deserialisation", "pickle.loads(base64.b64decode(x))"),
        ("unsafe-deserialisation", "yaml.load(x, Loader=yaml.Loader)"),
        ("xml-external-entities", "lxml.etree.fromstring(x, lxml.etree.XMLParser())"),
        ("trust-boundary", 'session["user"] = x'),
        ("template-injection", "render_template_string(x)"),
        ("weak-hash", "hashlib.md5(b'x')"),
        ("weak-hash", "hashlib.new('sha1')"),
        ("weak-randomness", "random.random()"),
        ("insecure-cookie", 'make_response("x").set_cookie("a", "b")'),
    ],
)
def test_input_that_does_harm_is_found(rule: str, harm: str) -> None:
    assert rule in rules_in(harm)


@pytest.mark.parametrize(
    "harmless",
    [
        'subprocess.run(["ls", x])',
        'os.system("ls " + shlex.quote(x))',
        'eval("1 + 1")',
        'db.execute("select * from t where a = ?", (x,))',
        'open("/srv/" + secure_filename(x))',
        'return html.escape(x)',
        'return "a" if x else "b"',
        "return str(int(x))",
        "return str(len(x))",
        'return flask.jsonify(x)',
        'return {"x": x}',
        'return flask.render_template("a.html", x=x)',
        'return "ok", 200, {"X-A": x}',
        'conn.search("ou=x", f"(uid={escape_filter_chars(x)})")',
        "yaml.load(x, Loader=yaml.SafeLoader)",
        "yaml.safe_load(x)",
        "lxml.etree.fromstring(x, lxml.etree.XMLParser(resolve_entities=False))",
        "xml.dom.minidom.parseString(x, xml.sax.make_parser())",
        'lxml.etree.parse("x").xpath("//a[@b=$v]", v=x)',
        "hashlib.sha256(b'x')",
        "hashlib.md5(b'x', usedforsecurity=False)",
        "secrets.token_hex()",
        "random.SystemRandom().random()",
        'make_response("x").set_cookie("a", "b", secure=True)',
    ],
)  # fmt: skip
def test_what_was_made_safe_is_not_found(harmless: str) -> None:
    assert rules_in(harmless) == set()


@pytest.mark.parametrize(
    ("way", "reached"),
    [
        ("y = x\nos.system(y)", True),
        ("y = 'a'\ny += x\nos.system(y[1:])", True),
        ("y = ['a', x]\nos.system(y[0])", False),
        ("y = ['a']\ny.append(x)\ny.pop(0)\nos.system(y[0])", True),
        ("y = ['a', x]\ny.pop(1)\nos.system(y[0])", False),
        ("y = {'a': 'b'}\ny['c'] = x\nos.system(y['a'])", False),
        ("y = {'a': 'b'}\ny['c'] = x\nos.system(y['c'])", True),
        ("y = 'b' if 7 * 6 > 40 else x\nos.system(y)", False),
        ("if 7 * 6 > 43:\n    y = 'b'\nelse:\n    y = x\nos.system(y)", True),
        ("match 'ab'[1]:\n    case 'a': y = x\n    case _: y = 'b'\nos.system(y)", False),
        ("y = 'a'\nfor z in x:\n    y = y + z\nos.system(y)", True),
        ("y = 'a'\nfor z in request.form.keys():\n    if z: \n        y = z\n        break\nos.system(y)", True),
        ("y = 'a'\nwhile y:\n    y = x\nos.system(y)", True),
        ("return 'done'\nos.system(x)", False),
        ("try:\n    y = x\nexcept OSError as e:\n    y = 'b'\nos.system(y)", True),
        ("with open('a') as f:\n    y = x\nos.system(y)", True),
        ("def inner(a):\n    return a\nos.system(inner(x))", True),
        ("def inner(a):\n    return 'b'\nos.system(inner(x))", False),
        ("os.system(' '.join(part for part in x))", True),
        ("(a, b) = ('c', x)\nos.system(a)", False),
        ("(a, b) = ('c', x)\nos.system(b)", True),
        ("if (y := x):\n    os.system(y)", True),
        ("os.system(unknown.thing(x))", True),
        ("os.system(lambda: x)", False),
    ],
)
def test_input_is_followed_through_what_is_done_with_it(way: str, *, reached: bool) -> None:
    assert ("command-injection" in rules_in(way)) is reached


@pytest.mark.parametrize(
    ("guard", "reached"),
    [
        ("if '..' in x:\n    return 'no'", False),
        ("if x not in ('a', 'b'):\n    return 'no'", False),
        ("if not x.isalnum():\n    raise ValueError", False),
        ("if not x:\n    return 'no'", True),
        ("if x == '':\n    x = 'a'", True),
        ("if len(x) > 9:\n    return 'no'", True),
        (
            "url = urllib.parse.urlparse(x)\nif url.netloc != 'example.org' or url.scheme != 'https':\n    return 'no'",
            False,
        ),
        ("if 'a' in request.form.getlist(x):\n    pass", True),
    ],
)
def test_what_was_asked_before_counts(guard: str, *, reached: bool) -> None:
    assert ("path-traversal" in rules_in(f"{guard}\nopen(x)")) is reached


@pytest.mark.parametrize(
    ("head", "tainted"),
    [
        ('@app.get("/{name}")\ndef view(name: str):', True),
        ('@app.get("/{number}")\ndef view(number: int):', False),
        ('@app.route("/<int:number>")\ndef view(number):', False),
        ('@app.route("/<name>")\nasync def view(name):', True),
        ('@app.get("/")\ndef view(service: Service, db=Depends(x)):', False),
        ("def view(request, name):", True),
        ("def plain(name):", False),
    ],
)
def test_parameters_of_functions_that_answer_are_input(head: str, *, tainted: bool) -> None:
    names = [name for name in ("name", "number", "service") if name in head]
    source = f"from web import app, Depends\nimport os\nrequest = None\n{head}\n    os.system({names[0]})\n".encode()
    assert bool(find(source, ast.parse(source), b"key")) is tainted


def test_a_finding_says_whose_input_does_what() -> None:
    source = (HEAD + "    os.system(x)\n").encode()
    [finding] = find(source, ast.parse(source), b"key")
    assert finding.message == "request.args (line 12) is run as a command."
    assert (finding.tool, finding.severity, finding.confidence, finding.cwe, finding.line) == (
        "taint",
        "high",
        "high",
        78,
        13,
    )
    assert finding.snippet_hash


def test_a_newer_pythons_formatted_strings_are_no_hiding_place() -> None:
    source = b"""import os
from flask import request
@app.route('/')
def view():
    x = request.args['x']
    y = (f'a {x['b']} c' 'd'
         f'{'e'}')
    os.system(f'{y!r:>{10}}')
"""
    [finding] = find_in_newer(source, b"key")
    assert (finding.rule, finding.line) == ("command-injection", 8)
    assert ast.parse(rewritten(source))
    assert rewritten(b"x = 'plain' + \"text\"\n") == b"x = 'plain' + \"text\"\n"
    assert find_in_newer(b"request (((", b"key") == ()


def test_nothing_takes_forever() -> None:
    nested = (
        "request\n" + "".join(f"{'    ' * depth}for a{depth} in x:\n" for depth in range(15)) + "    " * 15 + "pass\n"
    )
    assert find(nested.encode(), ast.parse(nested), b"key") == ()
    chain = "request\nx = 'a' * 10**12\ny = " + " + ".join(["x"] * 100) + "\nz = 9**9**9\n"
    assert find(chain.encode(), ast.parse(chain), b"key") == ()


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.name for rule in RULES}) == len({rule.cwe for rule in RULES}) == len(RULES)
