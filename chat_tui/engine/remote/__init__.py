"""Models on servers: engines that speak HTTP to an address that the user gave.

``engine`` puts the parts together. What a request holds and what an answer means is decided in
pure functions: ``llama_server``, ``vllm``, ``llama_python`` take tokens, ``ollama`` and
``openai_chat`` take messages; ``probe`` asks which of them it is. ``http`` is the only module that
opens a connection.
"""
