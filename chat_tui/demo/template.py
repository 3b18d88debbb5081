"""The chat template inside the file: a Jinja text for other llama.cpp programs.

It renders what the demo model was trained on: system message, instructions, functions with flat
arguments, calls and their results, final messages of the history. The built-in tools python and
browser are left to chat-tui, which describes them in the system message.
"""

CHAT_TEMPLATE = """\
{%- macro argument(schema) -%}
  {{- 'number' if schema.type in ('number', 'integer') else schema.type or 'any' -}}
{%- endmacro -%}
{%- macro functions(tools) -%}
  {{- '# Tools\\n\\n## functions\\n\\nnamespace functions {\\n\\n' -}}
  {%- for tool in tools -%}
    {%- set tool = tool.function -%}
    {%- if tool.description -%}{{- '// ' + tool.description + '\\n' -}}{%- endif -%}
    {{- 'type ' + tool.name + ' = (' -}}
    {%- if tool.parameters and tool.parameters.properties -%}
      {{- '_: {\\n' -}}
      {%- for name, schema in tool.parameters.properties.items() -%}
        {{- name + ('' if name in (tool.parameters.required or []) else '?') + ': ' -}}
        {{- argument(schema) + ',\\n' -}}
      {%- endfor -%}
      {{- '}' -}}
    {%- endif -%}
    {{- ') => any;\\n\\n' -}}
  {%- endfor -%}
  {{- '} // namespace functions' -}}
{%- endmacro -%}
{{- '<|start|>system<|message|>You are ChatGPT, a large language model trained by OpenAI.\\n' -}}
{{- 'Knowledge cutoff: 2024-06\\nCurrent date: ' + strftime_now('%Y-%m-%d') + '\\n\\n' -}}
{{- 'Reasoning: ' + (reasoning_effort or 'medium') + '\\n\\n' -}}
{{- '# Valid channels: analysis, commentary, final. ' -}}
{{- 'Channel must be included for every message.' -}}
{%- if tools -%}
  {{- '\\nCalls to these tools must go to the commentary channel: \\'functions\\'.' -}}
{%- endif -%}
{{- '<|end|>' -}}
{%- set about = namespace(rules='', last='') -%}
{%- for message in messages if message.role in ('system', 'developer') -%}
  {%- set about.rules = message.content -%}
{%- endfor -%}
{%- if about.rules or tools -%}
  {{- '<|start|>developer<|message|>' -}}
  {%- if about.rules -%}{{- '# Instructions\\n\\n' + about.rules -}}{%- endif -%}
  {%- if about.rules and tools -%}{{- '\\n\\n' -}}{%- endif -%}
  {%- if tools -%}{{- functions(tools) -}}{%- endif -%}
  {{- '<|end|>' -}}
{%- endif -%}
{%- for message in messages -%}
  {%- if message.role == 'user' -%}
    {{- '<|start|>user<|message|>' + message.content + '<|end|>' -}}
  {%- elif message.role == 'tool' -%}
    {{- '<|start|>functions.' + about.last + ' to=assistant<|channel|>commentary<|message|>' -}}
    {{- message.content + '<|end|>' -}}
  {%- elif message.role == 'assistant' -%}
    {%- for call in message.tool_calls or [] -%}
      {%- set about.last = call.function.name -%}
      {%- set body = call.function.arguments -%}
      {{- '<|start|>assistant<|channel|>commentary to=functions.' + about.last -}}
      {{- ' <|constrain|>json<|message|>' + (body if body is string else body | tojson) -}}
      {{- '<|call|>' -}}
    {%- endfor -%}
    {%- if message.content -%}
      {{- '<|start|>assistant<|channel|>final<|message|>' + message.content + '<|end|>' -}}
    {%- endif -%}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start|>assistant' -}}{%- endif -%}
"""
