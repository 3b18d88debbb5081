"""The embedded demo model and the recipe that makes it.

Read in this order: ``facts`` (what the model may know), ``data`` (conversations made from it),
``network`` (gpt-oss in PyTorch), ``train``, ``mxfp4`` and ``export`` (the GGUF file), ``evaluate``
with ``checker`` (is an answer right?). Only ``network``, ``train`` and ``export`` need PyTorch.
"""
