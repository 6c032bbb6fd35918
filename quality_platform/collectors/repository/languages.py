"""The language of a file, told by its name alone."""

from __future__ import annotations

PYTHON = "python"
ANALYSED = frozenset((PYTHON, "javascript", "typescript", "go", "rust", "java"))
"""Languages that the analysis knows."""

SUFFIXES = {
    PYTHON: "py pyi pyw",
    "javascript": "js mjs cjs jsx",
    "typescript": "ts mts cts tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "kotlin": "kt kts",
    "scala": "scala sc",
    "groovy": "groovy gradle",
    "c": "c h",
    "cpp": "cc cpp cxx c++ hh hpp hxx",
    "csharp": "cs",
    "fsharp": "fs fsi fsx",
    "swift": "swift",
    "objective-c": "m mm",
    "ruby": "rb rake gemspec",
    "php": "php phtml",
    "perl": "pl pm",
    "lua": "lua",
    "r": "r",
    "julia": "jl",
    "dart": "dart",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "haskell": "hs lhs",
    "clojure": "clj cljs cljc",
    "cython": "pyx pxd pxi",
    "jupyter": "ipynb",
    "shell": "sh bash zsh fish ksh",
    "powershell": "ps1 psm1",
    "batch": "bat cmd",
    "sql": "sql",
    "html": "html htm xhtml",
    "css": "css scss sass less",
    "vue": "vue",
    "svelte": "svelte",
    "graphql": "graphql gql",
    "protobuf": "proto",
    "terraform": "tf tfvars",
    "yaml": "yaml yml",
    "json": "json jsonl json5",
    "toml": "toml",
    "xml": "xml xsd xsl",
    "ini": "ini cfg conf properties",
    "markdown": "md markdown mdx",
    "restructuredtext": "rst",
    "tex": "tex sty",
    "jinja": "j2 jinja jinja2",
    "csv": "csv tsv",
    "text": "txt",
}
NAMES = {
    "dockerfile": "docker",
    "containerfile": "docker",
    "makefile": "make",
    "gnumakefile": "make",
    "cmakelists.txt": "cmake",
    "jenkinsfile": "groovy",
    "gemfile": "ruby",
    "rakefile": "ruby",
}
BY_SUFFIX = {suffix: language for language, suffixes in SUFFIXES.items() for suffix in suffixes.split()}


def language_of(path: str) -> str | None:
    """The language of the file at `path`; None when the name does not tell."""
    name = path.rstrip('"').rpartition("/")[2].lower()
    if name in NAMES:
        return NAMES[name]
    stem, _, suffix = name.rpartition(".")
    return BY_SUFFIX.get(suffix) if stem else None
