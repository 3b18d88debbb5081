"""Questions written by hand, apart from the data's patterns: how people may really ask.

Each line: what is expected, a colon, questions parted by "|". Expected is a kind with one answer,
the ``about`` of a help topic, ``France`` and the like for a capital, ``=17`` for a sum, ``say sun``
for a word, or ``other``. The training data leaves them out.
"""

from __future__ import annotations

_PROBES = """
sends a greeting: hi there!! | Hello, anybody here? | good morning dear computer | hey :)
asks how I am: hi how are you doing | hey, are you doing fine? | how are you today my friend
says thanks: ok thanks! | thank you, that was great help | thanks man | thx a lot
says goodbye: ok bye | goodbye and thank you | see you later then | good night
praises me: that was a great answer | wow, you are good | nice one | i like that
asks who I am: so who are you? | hey what are you | are you chatgpt or what?
asks who I am: what is your name please
asks who I am: which llm is this | are you the real chatgpt? | tell me your name | are you gpt 4?
asks who made me: who is your creator | who has trained you? | were you made by openai
asks what I can do: what can you do here? | so what can i ask | can you help
asks what I can do: what do you know about
asks how big I am: how big is your network | how many parameters have you got?
asks how big I am: are you a small one?
the reasoning: how do i show your thinking | where can i read the reasoning
the reasoning: i want to hide the thoughts
the effort: how to change reasoning effort | please think harder | can i set the effort to high
stopping: how can i stop this | how do i cancel the answer while it is written
stopping: which key stops it?
a new chat: how to open a new conversation | i want to start a new chat | which key for new chat?
the real model: how do i get the 20b model | how can i use gpt-oss-20b here?
the real model: can i load a bigger model
copying: how can i copy your last answer | copy that please | which key is copy
searching: how to search in this chat? | find a word in the conversation
searching: where is the search function
another answer: can you try that again | i want a different answer
another answer: how to regenerate the last answer
other: where do i find my old chats | how can i open older conversations
export: how can i export to markdown | i want to save this chat as a file | export as html
quitting: how do i quit this | how to leave this program? | how can i close this
the keys: which keys can i use | show me the shortcuts | what are the key bindings
the theme: how do i get dark mode | change the colors please | can i have a light theme
France: what is the capital of france | capital of France please
France: hey do you know the capital of France?
Japan: Tell me, what's the capital city of Japan? | the capital of japan is? | japan's capital
Egypt: which city is the capital of egypt? | What is the capital of Egypt called?
Brazil: i forgot what the capital of brazil is | what is brazil's capital
New Zealand: what is the capital of new zealand? | Capital of New Zealand
Kenya: name kenya's capital | and what is the capital of Kenya?
=17: what is 8+9? | 8 + 9 | how much is 8 plus 9? | can you compute 8 + 9
=100: 55 + 45 = ? | what's 55+45 | tell me 55 plus 45 | add 55 and 45 please
=83: 47 + 36 | sum of 47 and 36 please | what do you get if you add 47 and 36?
say sun: say sun | repeat the word sun please | please say the word sun
say house: can you repeat house? | say house please | echo house
bullets animals: give me a list of animals
bullets fruits: can you list some fruits please
numbers months: numbered list of months please
table drinks: show me a table with drinks | make me a table of drinks
wants a Python program that says hello: write me a python script | python hello world please
wants a loop in Python: how can i write a loop in python
wants a shell command that lists files: which shell command lists all files?
wants a quote: do you know a good quote?
count 3: how many words are here: sun moon tree | please count: red, green and blue
list red green: can you make a list of red and green | list these: red green
other: what's the weather like? | who is the president of the usa?
other: how do i bake a cake | tell me something funny | explain quantum physics | 12 * 12 | 9 - 4
other: what is the meaning of life? | translate good morning to german | how old is the universe
other: is it raining | what is the population of France? | who wrote hamlet | asdfgh | 345 + 678
other: what is the best programming language? | my computer is broken | can you play chess with me
other: what should i cook tonight? | what is the capital of Mordor?
"""


PROBES = tuple(
    (line.split(": ", 1)[0], ask.strip())
    for line in _PROBES.strip().split("\n")
    for ask in line.split(": ", 1)[1].split(" | ")
)
"""What is expected in short, and the question."""


def plain(text: str) -> str:
    """The question without case and end marks."""
    return text.lower().rstrip("?!. ")


KEPT_APART = frozenset(plain(ask) for _, ask in PROBES)
"""Questions that the training data leaves out."""
