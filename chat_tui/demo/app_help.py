"""What the model knows about chat-tui, with the many ways to ask for it.

A table only; keys and commands come from ``topics``. An ask that begins with "*" is something to
do and goes into every frame of ``topics.FRAMES``.
"""

from __future__ import annotations

from chat_tui.demo.facts import REAL_MODEL
from chat_tui.demo.topics import Topic, command, help_topic, key

HELP: tuple[Topic, ...] = (
    help_topic(
        "the reasoning", f"the key is {key('reasoning')}",
        f"Press {key('reasoning')} to show, hide or fold the reasoning.",
        "How do I see the reasoning?|How can I show the reasoning?|How do I hide the reasoning?|"
        "Where is the reasoning?|Which key shows the reasoning?|How do I fold the reasoning?|"
        "Show me the reasoning|How do I see your thoughts?|How can I see what you think?|"
        "Where can I see your thinking?|How do I open the reasoning?|What does Ctrl+O do?|"
        "Can I see how you think?|How do I read the thoughts?|What is Ctrl+O for?|"
        "How to show the thinking?|How do I unfold the reasoning?|Can I hide the thinking?|"
        "I want to see the reasoning|I want to read your reasoning|Can I see the reasoning?|"
        "Hide the reasoning|How to hide reasoning?|Can I look at your thoughts?|"
        "How can I fold the thinking?|Key for the reasoning?|Is there a key for the reasoning?|"
        "*[show;hide;see;fold;read] [the reasoning;your reasoning;the thinking;your thoughts]|"
        "*see how you think|Where [is;are] [the reasoning;your reasoning;your thoughts;the "
        "thoughts;the thinking]?|[Show;Hide;Fold;Open] [the;your] [reasoning;thinking;thoughts]",
    ),
    help_topic(
        "the effort", f"the key is {key('effort')}, the command {command('effort')}",
        f"Press {key('effort')} or type {command('effort')} high to change the effort: "
        "low, medium or high.",
        "How do I change the effort?|How can I set the effort?|How do I make you think more?|"
        "How do I make you think less?|How do I switch the effort?|What does Ctrl+T do?|"
        "How do I set the reasoning effort?|How do I change the reasoning effort?|"
        "Can you think harder?|Think harder|How do I choose high effort?|How do I get low "
        "effort?|"
        "What is the effort?|What does /effort do?|Where do I change the effort?|"
        "Which key changes the effort?|How can I use high effort?|Can I change the effort?|"
        "What are the effort levels?|Which effort levels are there?|How to set effort to low?|"
        "I want more effort|Set the effort to high|Change the effort|How to make you think "
        "longer?|"
        "Can you think longer?|How do I turn the effort up?|What is Ctrl+T for?|"
        "*[change;set;choose;switch] the [effort;reasoning effort;effort level]|*make you think "
        "[more;less;longer;harder]|*[use;get;choose] [high;low;medium] effort|[Change;Set;"
        "Switch] [the effort;effort] to [low;medium;high]|Think [more;longer;harder;less]",
    ),
    help_topic(
        "stopping", f"the key is {key('stop')}",
        f"Press {key('stop')} to stop an answer. What came so far is kept.",
        "How do I stop you?|How can I stop an answer?|How do I stop the answer?|"
        "Which key stops the answer?|How do I interrupt you?|What does Esc do?|"
        "How do I cancel?|How do I cancel an answer?|Can I stop you?|How to stop?|"
        "How do I abort the answer?|Can I interrupt you?|Stop|How can I make you stop?|"
        "What is the Esc key for?|How do I stop the model?|How to interrupt the answer?|"
        "How can I cancel the answer?|Key to stop?|What key stops you?|Can I stop an answer?|"
        "You talk too much, how do I stop you?|How do I halt the answer?|Can I cancel?|"
        "*[stop;interrupt;abort;cancel] [you;the answer;an answer;the model;this answer]|*make "
        "you stop|[Stop;Interrupt;Cancel;Abort] [it;the answer;this answer;now;please]|[Please;"
        "Can you] stop[.; now.; talking.; writing.]|"
        "*[stop;cancel;interrupt] [it;this;that;you] [while you write;while it is written;in "
        "the middle]|[Which;What] key [stops;cancels;interrupts] [it;this;you;the answer]?",
    ),
    help_topic(
        "a new chat", f"the key is {key('new')}", f"Press {key('new')} to start a new chat.",
        "How do I start a new chat?|How can I start a new conversation?|New chat|"
        "How do I open a new chat?|What does Ctrl+N do?|How do I begin a new conversation?|"
        "Which key starts a new chat?|How do I start over?|Can I start a new chat?|"
        "Start a new conversation|How do I make a new chat?|How do I clear the chat?|"
        "How do I get a new chat?|I want a new chat|How to start fresh?|Open a new conversation|"
        "I want to start over|Where can I open a new chat?|Start a new chat|"
        "How do I reset the conversation?|What is Ctrl+N for?|Key for a new chat?|"
        "How to begin again?|Can I have a new conversation?|"
        "*[start;open;begin;make] a [new chat;new conversation;fresh chat]|*start over|*clear "
        "[the chat;the conversation;the screen]|[Start;Open;Begin;Make] a [new chat;new "
        "conversation;fresh chat]|Where is [the new chat;a new chat]?|"
        "[Which;What] key [is for;starts;opens;makes] [a new chat;a new conversation;new chat]?",
    ),
    help_topic(
        "the real model", f"the command is {REAL_MODEL}",
        f"Get the gpt-oss-20b GGUF file and start: {REAL_MODEL}. "
        f"Type {command('model')} to read more.",
        "How do I get gpt-oss-20b?|How do I use the real model?|Where is the real model?|"
        "How can I get the real model?|How do I load gpt-oss?|How do I load another model?|"
        "How do I open gpt-oss-20b?|How do I change the model?|How can I use gpt-oss-20b?|"
        "How do I switch the model?|How do I run gpt-oss?|How do I get a better model?|"
        "Can I use a bigger model?|I want the real model|What does /model do?|"
        "Where do I get gpt-oss-20b?|How to load a model file?|How do I install gpt-oss?|"
        "How do I load a GGUF file?|How do I use a bigger model?|I want a better model|"
        "I want gpt-oss-20b|Can you load gpt-oss-20b?|How can I change models?|"
        "How do I download gpt-oss-20b?|Is there a better model?|Give me the real model|"
        "How to use my own model?|Which models can I use?|How do I choose a model?|"
        "*[get;use;load;open;run;install;download] [gpt-oss;gpt-oss-20b;the real model;the real "
        "gpt-oss;a bigger model;another model;a better model;a GGUF file]|*[change;switch;"
        "choose] [the model;models]|Where [can I get;do I find;can I find;can I download] "
        "[gpt-oss;gpt-oss-20b;the real model;a better model]?|[Load;Use;Open;Switch to] "
        "[gpt-oss-20b;the real model;another model]",
    ),
    help_topic(
        "copying", f"the key is {key('copy')}", f"Press {key('copy')} to copy the last answer.",
        "How do I copy an answer?|How can I copy the answer?|What does Ctrl+Y do?|How do I copy?|"
        "Which key copies the answer?|Can I copy the last answer?|How do I copy your answer?|"
        "How to copy text?|How do I copy the last message?|Copy the answer|"
        "I want to copy the answer|Where is copy?|Can I copy text?|How can I copy this?|"
        "What is Ctrl+Y for?|Key to copy?|How do I get the answer into the clipboard?|"
        "How to copy the last answer?|"
        "*copy [an answer;the answer;your answer;the last answer;text;the text;a message;the "
        "last message]|[Copy;Please copy;Can you copy] [this;the answer;the last answer;your "
        "answer;the text]|*get the answer into the clipboard|"
        "[Copy;I want to copy;Let me copy] [that;it;this][; please; now]|[Which;What] key [is "
        "copy;copies;copies it;is for copy]?",
    ),
    help_topic(
        "searching", f"the key is {key('find')}",
        f"Press {key('find')} to find text in this conversation.",
        "How do I search?|How do I find text?|What does Ctrl+F do?|How can I search the chat?|"
        "How do I find a word in the conversation?|Can I search the conversation?|"
        "How do I search this conversation?|Which key is search?|Where is the search?|"
        "How can I find something?|How do I search for a word?|Is there a search?|How to search?|"
        "How to find text in the chat?|Can I search?|What is Ctrl+F for?|Key to search?|"
        "Search the conversation|"
        "*[search;search in] [the chat;the conversation;this chat;this conversation]|*find "
        "[text;a word;something;words] in [the chat;the conversation;this conversation]|*search "
        "for [text;a word;something]|Search [the chat;this chat;here]|Where can I search?|"
        "Where is [the search;search;the search function;find]?|[Find;Search] [a word;text;"
        "something;a text] [in this chat;here;in the chat;in the conversation]",
    ),
    help_topic(
        "another answer", f"the key is {key('regenerate')}",
        f"Press {key('regenerate')} to get the answer again.",
        "How do I regenerate an answer?|How can I get another answer?|What does Ctrl+R do?|"
        "How do I try again?|Try again|How do I get a new answer?|Can you answer again?|"
        "How do I repeat the answer?|Regenerate|Which key regenerates the answer?|"
        "I want another answer|Can I get a different answer?|How to regenerate?|Answer again|"
        "How do I make you answer again?|Give me another answer|What is Ctrl+R for?|"
        "Can I regenerate the answer?|"
        "*[regenerate;repeat] [the answer;an answer;your answer;the last answer]|*get [another "
        "answer;a new answer;a different answer;the answer again]|*make you [answer again;try "
        "again]|[Give me;I want;I need] [another;a different;a new] answer|[Please;Can you] "
        "[try again;answer again;regenerate]",
    ),
    help_topic(
        "answering now", f"the key is {key('answer now')}",
        f"Press {key('answer now')} while I think: I stop thinking and answer now.",
        "How do I make you answer now?|How do I skip the reasoning?|What does Ctrl+S do?|"
        "How can I skip the thinking?|How do I get the answer now?|Answer now|"
        "Can I skip your thinking?|You think too long|How do I end the thinking?|"
        "Can you answer right now?|How do I stop the thinking?|What is answer now?|"
        "How do I make you answer faster?|Skip the reasoning|What is Ctrl+S for?|"
        "How to skip thinking?|Can I skip the reasoning?|What does answer now do?|"
        "*[skip;end;cut;stop] [the thinking;your thinking;thinking;the thought]|*make you "
        "answer [now;right now;faster;at once]|*get [the answer now;an answer now;the answer at "
        "once]|*skip [the reasoning;your reasoning]|[Please;Just;Can you] answer [now;at once;"
        "right now]|[You think;Your thinking takes;The thinking takes] too long",
    ),
    help_topic(
        "export", f"the command is {command('export')}",
        f"Type {command('export')} to save the conversation to a file.",
        "How do I export a chat?|How do I export the conversation?|What does /export do?|"
        "How can I save this chat?|How do I save the conversation?|Can I export to Markdown?|"
        "Can I export this conversation?|How do I export to JSON?|Export this chat|"
        "How do I save this to a file?|How to export?|Can I save this chat as HTML?|"
        "Save this conversation|How can I export to HTML?|How do I write the chat to a file?|"
        "Is there an export?|Can I save the chat?|I want to export this chat|"
        "*export [a chat;this chat;the chat;this conversation;the conversation]|*save [this "
        "chat;the chat;the conversation;this conversation] [to a file;as Markdown;as HTML;as "
        "JSON]|[Export;Save] [this;the] [chat;conversation][; to a file; as Markdown; as HTML; "
        "as JSON]|"
        "[Export;Save] [as;to] [HTML;Markdown;JSON;a file;text]|*[export;save] [as;to] [HTML;"
        "Markdown;JSON]",
    ),
    help_topic(
        "tools", "a tool runs only when it is allowed",
        "A tool runs only after you allow it. You see each call before, and you can say no.",
        "How do I use tools?|What are tools?|Can you run code?|Do you have tools?|Are tools safe?|"
        "What tools are there?|Which tools do you have?|How do I allow a tool?|Can you use tools?|"
        "How do I approve a tool?|Can you run Python?|Is it safe to run code?|How do approvals "
        "work?|What is an approval?|Who allows a tool?|Can you run programs on my machine?|"
        "*[use;allow;approve;deny;forbid;refuse] [tools;a tool;the tools;a call;a tool call]|"
        "[What;Which] tools [are there;do you have;can you use]?|Can you [use a tool;use tools;"
        "run code;run Python;run programs;edit files;read my files;change my files]?|[Are;Is it "
        "safe to use] [tools;the tools][ safe?;?; dangerous?]|Do you [run code;run tools;edit "
        "files;use tools] without [asking;asking me;my consent]?|What [is;are] [an approval;"
        "approvals;a tool;tools;tool calls]?|Do [tools;the tools] [ask me;ask first;need my "
        "consent]?",
    ),
    help_topic(
        "quitting", f"the key is {key('quit')}", f"Press {key('quit')} to quit chat-tui.",
        "How do I quit?|How do I exit?|What does Ctrl+D do?|How can I leave chat-tui?|"
        "How do I close the app?|How do I close chat-tui?|Quit|Exit|How to quit?|"
        "Which key quits?|How do I get out of here?|How can I exit the app?|Close the app|"
        "How do I leave?|What is Ctrl+D for?|Key to quit?|How can I quit chat-tui?|How to exit?|"
        "*[quit;exit;leave;close] [chat-tui;the app;the program;this app;this program]|*get out "
        "of [here;chat-tui;this app]|[Quit;Exit;Close;Leave] [chat-tui;the app;the program;this "
        "app]|"
        "*[close;quit;exit;leave] [this;it;everything]|[Close;Quit;Exit] [this;it;now]",
    ),
    help_topic(
        "the keys", f"{key('help')} shows help, {key('palette')} the palette",
        f"Press {key('help')} for help or {key('palette')} for all commands.",
        "What keys are there?|Show me all keys|What are the keys?|What does F1 do?|"
        "Which commands are there?|How do I see all commands?|How do I use chat-tui?|"
        "What does Ctrl+P do?|List the commands|Show the help|What are the shortcuts?|"
        "How do I use this app?|How does this app work?|How does chat-tui work?|"
        "Help with chat-tui|Where is the help?|What commands are there?|Show all commands|"
        "*see [all keys;the keys;all commands;the commands;all shortcuts;the help]|*[use;learn] "
        "[chat-tui;this app;this program]|[What are;Show me;List;Tell me] [the;all] [keys;"
        "commands;shortcuts;key bindings]|[Which;What] [keys;commands;shortcuts] [are there;can "
        "I use;do you have]?|"
        "[Which;What] [keys;shortcuts;key bindings;commands] [are there;exist;can I use;should "
        "I know]?|[What;Where] are [the;all] [keys;shortcuts;key bindings;commands]?",
    ),
    help_topic(
        "the theme", f"the command is {command('theme')}",
        f"Type {command('theme')} to change the colors.",
        "How do I change the theme?|How do I change the colors?|Is there a dark theme?|"
        "What does /theme do?|Can I change the colors?|How can I get a light theme?|"
        "How do I switch to dark mode?|Dark mode|Can I use another theme?|Change the theme|"
        "I want a light theme|How to change colors?|Which themes are there?|Light mode|"
        "How can I change the theme?|Is there a light theme?|Change the colors|I want dark mode|"
        "*[change;set;choose;switch] [the theme;the colors;the look;a theme]|*[use;get] [a dark "
        "theme;a light theme;dark mode;light mode;other colors]|[Change;Switch;Set] [the;to a] "
        "[theme;dark theme;light theme]|[Which;What] [themes;colors] are there?|I [want;need;"
        "like] [a dark theme;a light theme;dark mode;light mode;other colors]",
    ),
    help_topic(
        "chat-tui", "it is a terminal chat for gpt-oss",
        "chat-tui is a terminal app to chat with gpt-oss on your own machine, offline.",
        "What is chat-tui?|Tell me about chat-tui.|What is this app?|What does this app do?|"
        "What is this program?|Explain chat-tui.|What can chat-tui do?|What is chat-tui for?|"
        "Does this work offline?|Do you work offline?|Is this offline?|Where do you run?|"
        "Do you need the internet?|Is my data private?|Does chat-tui need the internet?|"
        "Do you run on my machine?|Is chat-tui offline?|What does chat-tui do?|"
        "[What is;Explain;Tell me about;Describe] [chat-tui;this app;this program;the app;this "
        "terminal app][.;, please.]|[Does;Can] [this;chat-tui;this app] [work;run] [offline;"
        "without internet;without the internet]?|[What is;What's] [chat-tui;this app;this "
        "program] [for;about]?|Is [this;chat-tui;my data;my chat] [offline;private;safe]?",
    ),
)  # fmt: skip
