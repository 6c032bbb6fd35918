"""What is known of libraries: where input comes from, where it does harm, and what makes it safe.

Names are matched from their end: `request.form` is `flask.request.form` and `self.request.form`. Does not belong
here: what has to look at more than a name and an argument (`sinks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from quality_platform.analysis.taint import rules
from quality_platform.analysis.taint.rules import EVERYTHING, Rule

REQUESTS = frozenset(("request", "req"))
INPUTS = frozenset((
    "args", "form", "cookies", "values", "headers", "data", "json", "files", "query_string", "get_json", "get_data",
    "stream", "GET", "POST", "COOKIES", "META", "FILES", "body", "query_params", "path_params", "url", "full_path",
    "match_info", "rel_url", "query", "post", "text", "read", "content", "referrer", "user_agent",
))  # fmt: skip
"""Attributes of a request that a client decides about."""

ROUTES = frozenset(("route", "get", "post", "put", "patch", "delete", "websocket", "api_route", "view"))
"""Decorators of functions that answer requests."""

FIRST = 0
SINKS: dict[str, tuple[Rule, tuple[int | str, ...]]] = {
    **dict.fromkeys(("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
                     "commands.getoutput", "popen2.popen2", "asyncio.create_subprocess_shell", "pty.spawn"),
                    (rules.COMMAND, (FIRST, "cmd"))),
    **dict.fromkeys(("eval", "exec", "execfile", "compile", "builtins.eval", "builtins.exec", "code.interact"),
                    (rules.CODE, (FIRST,))),
    **dict.fromkeys(("pickle.loads", "pickle.load", "cPickle.loads", "dill.loads", "marshal.loads", "marshal.load",
                     "jsonpickle.decode", "shelve.open", "pickle.Unpickler", "joblib.load", "pandas.read_pickle",
                     "yaml.unsafe_load", "yaml.full_load", "yaml.unsafe_load_all"), (rules.DESERIALISATION, (FIRST,))),
    **dict.fromkeys(("open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rmdir", "os.mkdir",
                     "os.makedirs", "os.listdir", "os.scandir", "os.stat", "os.path.exists", "os.path.isfile",
                     "os.path.getsize", "os.path.isdir", "shutil.rmtree", "shutil.copy", "shutil.copyfile",
                     "shutil.move", "flask.send_file", "send_file", "builtins.open", "zipfile.ZipFile",
                     "tarfile.open", "os.rename", "FileResponse", "aiofiles.open"),
                    (rules.PATH, (FIRST, "file", "path", "name"))),
    **dict.fromkeys(("redirect", "HttpResponseRedirect", "RedirectResponse", "HTTPFound"),
                    (rules.REDIRECT, (FIRST, "location", "url", "to"))),
    **dict.fromkeys(("elementpath.select", "elementpath.iter_select"), (rules.XPATH, (1, "path"))),
    **dict.fromkeys(("etree.XPath", "elementpath.Selector", "etree.ETXPath"), (rules.XPATH, (FIRST, "path"))),
    **dict.fromkeys(("render_template_string", "jinja2.Template", "Environment.from_string", "mako.template.Template"),
                    (rules.TEMPLATE, (FIRST, "source"))),
    **dict.fromkeys(("requests.get", "requests.post", "requests.put", "requests.delete", "requests.head",
                     "requests.patch", "httpx.get", "httpx.post", "urllib.request.urlopen", "urllib2.urlopen",
                     "urllib.request.Request"), (rules.REQUEST_FORGERY, (FIRST, "url"))),
    **dict.fromkeys(("HttpResponse", "HTMLResponse", "mark_safe", "Markup", "markupsafe.Markup"),
                    (rules.SCRIPT, (FIRST, "content"))),
}  # fmt: skip
"""Functions that do harm with an argument, at a place or of a name."""

METHODS: dict[str, tuple[Rule, tuple[int | str, ...]]] = {
    **dict.fromkeys(("execute", "executemany", "executescript", "raw", "execute_sql", "exec_driver_sql"),
                    (rules.SQL, (FIRST, "sql", "statement", "query"))),
    **dict.fromkeys(("search_s", "search_ext_s", "search_st"), (rules.LDAP, (FIRST, 2, "base", "filterstr"))),
    "xpath": (rules.XPATH, (FIRST,)),
    **dict.fromkeys(("findall", "find", "iterfind", "findtext"), (rules.XPATH, ("path",))),
}  # fmt: skip
"""Methods of whatever object that do harm with an argument."""

PATH_METHODS = frozenset((
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "exists", "is_file", "is_dir", "unlink", "mkdir",
    "touch", "iterdir", "stat", "rename", "rmdir", "glob",
))  # fmt: skip

CLEANERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("html.escape", "escape", "markupsafe.escape", "cgi.escape", "bleach.clean", "conditional_escape",
                     "flask.escape", "xml.sax.saxutils.escape"), frozenset((rules.SCRIPT.name,))),
    **dict.fromkeys(("shlex.quote", "pipes.quote"), frozenset((rules.COMMAND.name,))),
    **dict.fromkeys(("secure_filename", "os.path.basename", "ntpath.basename"), frozenset((rules.PATH.name,))),
    **dict.fromkeys(("escape_filter_chars", "escape_dn_chars", "escape_rdn"), frozenset((rules.LDAP.name,))),
    **dict.fromkeys(("urllib.parse.quote", "urllib.parse.quote_plus", "url_quote"),
                    frozenset((rules.SCRIPT.name, rules.PATH.name, rules.REDIRECT.name))),
    **dict.fromkeys(("jsonify", "json.dumps"), frozenset((rules.SCRIPT.name,))),
    **dict.fromkeys(("render_template", "render", "TemplateResponse"), EVERYTHING),
    "url_for": EVERYTHING,
    # of a quote, by what stands for it
    "replace": frozenset((rules.XPATH.name, rules.SQL.name)),
    "ast.literal_eval": frozenset((rules.CODE.name,)),
}  # fmt: skip
"""Functions whose result is safe for some rules."""

PLAIN = frozenset((
    "int", "float", "bool", "len", "ord", "hash", "id", "isinstance", "issubclass", "hasattr", "callable", "uuid.UUID",
    "complex", "type", "datetime.fromisoformat", "decimal.Decimal", "hashlib.new", "hashlib.sha256", "range",
))  # fmt: skip
"""Functions whose result holds nothing of what they are given."""

GUARDS = frozenset(("isalnum", "isdigit", "isdecimal", "isnumeric", "isidentifier", "isalpha", "fullmatch", "match"))
"""Methods that, asked before going on, make sure of what a text is."""

WEAK_HASHES = frozenset(("md2", "md4", "md5", "sha", "sha1", "ripemd160", "md5-sha1"))
SAFE_RANDOM = frozenset(("SystemRandom", "seed", "getstate", "setstate"))


def ends_with(name: str, known: str) -> bool:
    """Whether the dotted `name` is `known` or ends with it."""
    return name == known or name.endswith("." + known)


def find(table: Mapping[str, object], name: str) -> object | None:
    """The entry of the longest end of the dotted `name`."""
    while name:
        if name in table:
            return table[name]
        _, dot, name = name.partition(".")
        if not dot:
            return None
    return None
