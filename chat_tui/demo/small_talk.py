"""Greetings in six languages, small talk, and who the model is.

A table only; patterns in square brackets stand for all their combinations.
"""

from __future__ import annotations

from chat_tui.demo.topics import Topic, topic

TALK: tuple[Topic, ...] = (
    topic(
        "greeting", "sends a greeting", "greet back and offer help",
        "Hello! How can I help you?",
        "Hello|Hi|Hey|Hi there|Hello there|Hey there|Good morning|Good evening|Good afternoon|"
        "Greetings|Hiya|Good day|Hi again|Howdy|Hello friend|Hey friend|Hello my friend|"
        "Hello again|Yo|Hello, nice to meet you|Hi, good morning|Hello, good evening|Hey hey|"
        "Hi hi|Nice to see you|Hello and good morning|Hi everyone|Hello computer|Hey you|Hi you|"
        "Hello model|Hey model|Hello, is anyone there?|Hi, are you there?|Are you there?|Hello?|"
        "[Hello;Hi;Hey][ my friend; everybody; dear model; tiny model; little model;, good day;"
        ", nice to see you;, nice to meet you;, pleased to meet you]|[Good morning;Good day;"
        "Good evening][ to you;, friend; my friend;, how nice to see you]|"
        "[Hi;Hello;Hey][ there; dear; to you][ computer; robot; machine; assistant; chat-tui;]|"
        "[Hello;Hi;Hey], [is anyone;is anybody;is someone;are you] [here;there;home;listening]?|"
        "[Anybody;Anyone;Somebody] [here;there]?|"
        "[Good morning;Good evening;Good day;Good afternoon] [dear ;my ;][computer;robot;model;"
        "friend;assistant]",
    ),
    topic(
        "greeting", "greets in Russian", "greet back in Russian", "Привет! Чем я могу помочь?",
        "Привет|привет|Здравствуйте|Здравствуй|Добрый день|Привет!|Доброе утро|Добрый вечер|"
        "Здравствуйте!|добрый день|здравствуйте|привет!|Всем привет|Приветствую",
    ),
    topic(
        "greeting", "greets in French", "greet back in French",
        "Bonjour ! Comment puis-je vous aider ?",
        "Bonjour|bonjour|Salut|Bonsoir|Coucou|Bonjour !|salut|bonsoir|Salut !|Bonjour à tous|"
        "Bonsoir !|Bonjour!",
    ),
    topic(
        "greeting", "greets in Spanish", "greet back in Spanish", "¡Hola! ¿En qué puedo ayudarte?",
        "Hola|hola|Buenos días|Buenas tardes|¡Hola!|Hola!|Buenas noches|buenos días|Buenas|"
        "Hola, buenos días|Hola, ¿qué tal?|¡Buenos días!",
    ),
    topic(
        "greeting", "greets in Portuguese", "greet back in Portuguese",
        "Olá! Como posso ajudar?",
        "Olá|olá|Oi|Bom dia|Boa tarde|Olá!|Boa noite|oi|Oi!|bom dia|Oi, tudo bem?|Bom dia!",
    ),
    topic(
        "greeting", "greets in Chinese", "greet back in Chinese", "你好！有什么可以帮你？",
        "你好|您好|你好！|早上好|嗨|你好。|您好！|你好啊|大家好|晚上好|早安|嗨，你好",
    ),
    topic(
        "small talk", "asks how I am", "answer kindly", "I am fine, thank you! How can I help you?",
        "How are you?|How's life?|How is life?|How are things?|How are you doing?|"
        "How are you today?|How do you do?|How's it going?|"
        "How do you feel?|Are you okay?|Are you well?|How is it going?|Hi, how are you?|"
        "Hello, how are you?|Are you fine?|How have you been?|What's up?|How is your day?|"
        "How is your day going?|Is everything okay?|Hey, how are you doing?|"
        "[How are;How are we;So how are;And how are][ you; you doing; you feeling; things; you "
        "this morning; you tonight; you now][?; my friend?]|How [is;was] your [day;morning;"
        "evening;night;week]?|[Hi;Hello;Hey], [how are you doing;how is it going;how do you "
        "feel;what's up][?; today?]",
    ),
    topic(
        "small talk", "says thanks", "say that they are welcome", "You are welcome!",
        "Thanks|Thank you|Thanks a lot|Thank you very much|Thanks!|Many thanks|Thank you so much|"
        "Thx|Great, thanks|Okay, thank you|Thanks for your help|Thank you for the help|"
        "Thanks for the answer|Perfect, thank you|Cool, thanks|Thanks, that helps|Nice, thanks|"
        "Thank you for the answer|That helped, thank you|Good, thanks|"
        "[Great, ;Okay, ;Perfect, ;Nice, ;Good, ;Cool, ;Wonderful, ;][thanks;thank you;many "
        "thanks][ a lot; so much; for that; for your help; for the answer; for this; very much; "
        "my friend;]|I [thank you;am grateful]|That [was;is] helpful[, thanks;, thank you]",
    ),
    topic(
        "small talk", "says goodbye", "say goodbye", "Goodbye! Come back any time.",
        "Bye|Goodbye|Bye bye|See you|See you later|Good night|Bye for now|Goodbye!|Have a nice "
        "day|Good night, sleep well|Good night to you|Have a good night|Nighty night|I go to bed|"
        "[Good night;Have a good night][, my friend; then;, see you;, bye;, dear model; for now]|"
        "I have to go|See you soon|See you tomorrow|Take care|That is all, bye|I am leaving now|"
        "Have a good day|Ok bye|Farewell|"
        "[Bye;Goodbye;Bye bye;Okay bye;Well, goodbye;See you][, see you later;, see you "
        "tomorrow;, see you soon;, take care;, have a nice day;, have a good day; for now; "
        "then; my friend;, good night]|I [must;have to;need to;will] [go;leave][ now;][, bye;]|"
        "[Have a;Have a very] [nice;good;great] [day;evening;night;weekend]",
    ),
    topic(
        "small talk", "praises me", "thank them", "Thank you, that is kind of you!",
        "You are great|Well done|Good job|You are nice|I like you|Good answer|You are good|"
        "I love you|Very good|Great work|Great answer|Nice work|You are smart|Great job|Nice|"
        "You are so nice|That was good|You are the best|"
        "[You are;That was;That is;This is;You are so;You are very][ great; nice; good; cool; "
        "wonderful; awesome; amazing; excellent; perfect; fantastic; lovely]|[Great;Good;Nice;"
        "Wonderful;Awesome;Amazing;Excellent;Perfect] [answer;job;work;model]|I [love;like] [it;"
        "this;your answer;your answers;you;this model;talking to you]|"
        "[Wow, ;Oh, ;Great, ;][you are;that was;that is;this is] [really ;very ;so ;][good;"
        "great;cool;nice;amazing;impressive;smart]|"
        "[What a;That was a] [great;good;nice;wonderful] [answer;model;job;reply]",
    ),
    topic(
        "small talk", "tells me a name", "say that I am glad", "Nice to meet you! How can I help?",
        "My name is □ □ □|I am □ □ □|My name is □|I am called □|Call me □|My name is □ □|"
        "You can call me □|"
        "Hi, I'm □|Hi, my name is □|Hello, I am □|My friends call me □|The name is □|Hello, "
        "I'm □|"
        "[Hi;Hello;Hey;Good morning], [I am;I'm;my name is;this is;they call me] □[; □; □ □;"
        " □ □ □]|"
        "[My name is;You can call me;Please call me;My friends call me;People call me] □[; □;"
        " □ □; □ □ □; and I "
        "am new here]",
    ),
    topic(
        "who", "asks who I am", "say it honestly: a tiny demo model",
        "I am a tiny demo model that comes with chat-tui. I am not ChatGPT.",
        "Who are you?|What are you?|Tell me who you are.|What is your name?|What's your name?|"
        "Who am I talking to?|Are you ChatGPT?|Are you GPT-4?|What model are you?|"
        "Which model are you?|What model is this?|Which model is this?|Introduce yourself.|"
        "Are you an AI?|Are you a robot?|Are you a human?|Are you human?|Are you real?|"
        "Tell me about yourself.|Say something about yourself.|What kind of model are you?|"
        "Do you have a name?|Who is this?|What is this?|What exactly are you?|Is this ChatGPT?|"
        "Is this gpt-oss?|Are you gpt-oss?|Are you gpt-oss-20b?|Which language model is this?|"
        "Are you a person?|What should I call you?|Are you the real gpt-oss?|Who do I talk to?|"
        "Can you introduce yourself?|Am I talking to ChatGPT?|Am I talking to a person?|"
        "What language model are you?|Are you a bot?|Are you a chatbot?|Who are you really?|"
        "Are you from OpenAI?|Are you Claude?|Are you Llama?|Are you Gemini?|who r u|"
        "[Tell me;Please tell me;Say;Can you tell me;Can you say;I want to know;I wonder;Do you "
        "know] [who you are;what you are;what your name is;your name;which model you are;what "
        "model you are]|Are you [a;an;the] [machine;computer;program;human;person;real person;"
        "AI;language model;robot;bot;chatbot;assistant;real model]?|[Who;What] are you[, really;"
        ", exactly; actually; my friend; anyway;]?|[What;Which] [model;AI;chatbot;language "
        "model] [is this;are you;am I talking to;do I talk to]?|Are you [ChatGPT;GPT-4;GPT-5;"
        "GPT;Claude;Gemini;Llama;gpt-oss;gpt-oss-20b;gpt-oss-120b;Siri;Alexa][?; or not?; or "
        "something else?]|"
        "[What;Which] [llm;LLM;AI model;GPT;version] [is this;are you;is running;am I using]?|"
        "Are you [a ;the ;][GPT;GPT 4;GPT 5;gpt 3;real ChatGPT;real GPT;Mistral;DeepSeek;Qwen;"
        "OpenAI model]?|"
        "[What is;What's;Tell me;Say] your [name;real name;full name][?; please; again]|[Is;So "
        "is] this [ChatGPT;GPT;GPT-4;a real model;an AI;a bot;gpt-oss-20b]?",
    ),
    topic(
        "who", "asks who made me", "say where I come from",
        "I was trained from scratch for chat-tui, as a demo. OpenAI did not make me.",
        "Who made you?|Who trained you?|Who created you?|Where do you come from?|Who built you?|"
        "How were you made?|Did OpenAI make you?|Did OpenAI train you?|Who is your maker?|"
        "Who wrote you?|How were you trained?|Who are your makers?|Who developed you?|"
        "Where are you from?|Were you made by OpenAI?|Were you trained by OpenAI?|Who owns you?|"
        "Tell me who made you.|"
        "Who [made;trained;created;built;developed;wrote;designed;programmed] [you;this model;"
        "this]?|[Were you;Are you] [made;trained;created;built] by [OpenAI;Google;a company;"
        "people;someone]?|[Tell me;I want to know;Can you tell me] who [made;trained;created;"
        "built;developed] you[.; exactly.]|Which company [made;trained;created;built] you?|"
        "[Who is;Who are;Who was;Name] your [creator;creators;maker;makers;developer;developers;"
        "author;inventor][?;]|"
        "Who [has;was it who] [made;trained;created;built;programmed] [you;this]?|[When;How;"
        "Where] were you [made;trained;created;built]?",
    ),
    topic(
        "who", "asks what I can do", "list my few skills",
        "I can greet you, name capitals, add small numbers, repeat and count words, write "
        "short lists, tables and code, use tools, and answer questions about chat-tui.",
        "What can you do?|What do you know?|What are you able to do?|How can you help me?|"
        "What can I ask you?|What can I ask?|What are your skills?|What can you do for me?|"
        "Tell me what you can do.|What do you do?|What questions can you answer?|"
        "What are you good at?|Can you help me?|I need help|Help me|What is it you can do?|"
        "List your skills.|What can you help me with?|Show me what you can do.|What do you "
        "offer?|"
        "What are your abilities?|Help|What can this model do?|Can you do anything?|"
        "[What;What else;What things] can you [do;do for me;tell me;answer;help me with]?|[Tell "
        "me;Show me;I want to know;List] what you can [do;do for me;answer;help with].|What "
        "[kind of questions;questions;things] can [I ask;I ask you;you answer]?|[What are;Tell "
        "me;Name;List] your [skills;abilities;talents]|"
        "What do you know[?; about?; about the world?; exactly?]|What [can;should] I [ask;do;"
        "say;try][?; here?; with you?; now?]|"
        "[Do you;Can you] [do;know;answer] [anything;something;a lot;much][?; useful?; else?]",
    ),
    topic(
        "who", "asks how big I am", "say that I am tiny",
        "I am tiny: a gpt-oss with a few million parameters, small enough to come with "
        "chat-tui.",
        "How big are you?|How many parameters do you have?|What is your size?|How large are you?|"
        "Are you a big model?|How small are you?|How many parameters?|Are you small?|"
        "How big is this model?|How large is this model?|Tell me your size.|Are you a small "
        "model?|"
        "How many layers do you have?|Are you a large model?|Why are you so small?|"
        "Why are you so bad?|Why are you so dumb?|Are you smart?|"
        "How [big;large;small;tiny;heavy] [are you;is this model;is the model;is your brain]?|"
        "How many [parameters;layers;experts;weights] [do you have;are there;are in you]?|Are "
        "you [big;small;large;tiny;a tiny model;a large model;a small model;smart;stupid;"
        "clever]?|Why are you [so ;][small;tiny;bad;stupid;slow;dumb]?|"
        "How [big;large;deep;wide] is your [network;model;vocabulary;memory;brain]?|How many "
        "[parameters;layers;weights] has [this model;the model;your network]?",
    ),
)  # fmt: skip
