"""The chat template inside the file: a Jinja text for other llama.cpp programs.

It renders what the demo model was trained on: system message, instructions, final messages of the
history. Knows no tools, because the demo model knows none.
"""

CHAT_TEMPLATE = """\
{{- '<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\\n' -}}
{{- 'Knowledge cutoff: 2024-06\\nCurrent date: ' + strftime_now('%Y-%m-%d') + '\\n\\n' -}}
{{- 'Reasoning: ' + (reasoning_effort or 'medium') + '\\n\\n' -}}
{{- '# Valid channels: analysis, commentary, final. ' -}}
{{- 'Channel must be included for every message.<|end|>' -}}
{%- for message in messages -%}
  {%- if message.role in ('system', 'developer') -%}
    {{- '<|start|>developer<|message|># Instructions\\n\\n' + message.content + '<|end|>' -}}
  {%- elif message.role == 'user' -%}
    {{- '<|start|>user<|message|>' + message.content + '<|end|>' -}}
  {%- elif message.role == 'assistant' and message.content -%}
    {{- '<|start|>assistant<|channel|>final<|message|>' + message.content + '<|end|>' -}}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start|>assistant' -}}{%- endif -%}
"""
