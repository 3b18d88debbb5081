"""The harmony format of gpt-oss: tokens in, messages out, and back.

Knows the conversation's values and openai-harmony's tokeniser; must not know llama.cpp, processes
or faces. Whoever uses it asks ``vocabulary`` for the tokens of text, ``prompt`` for what the model
sees, ``header`` for what it may write next and ``decoder`` for what it said.
"""
