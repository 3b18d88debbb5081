"""JSON Schema as a grammar that a model can be held to (GBNF, the notation of llama.cpp).

Knows JSON Schema and the notation; must not know models, tokens or llama.cpp, so that a command
line or a screen can check a schema before anything is asked. What a grammar made here lets
through always validates; what it cannot promise is a ``SchemaError`` that names the part.
"""

from chat_tui.grammar.compile import ANY_OBJECT, arguments_gbnf, gbnf
from chat_tui.grammar.load import load_schema

__all__ = ["ANY_OBJECT", "arguments_gbnf", "gbnf", "load_schema"]
