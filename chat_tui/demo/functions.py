"""The functions that a training conversation can offer: how they are asked for and answered.

A table only. What stands in braces is filled from the question's arguments or the tool's result.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.demo.facts import CAPITALS
from chat_tui.demo.phrasing import expand


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the developer message: asks with its arguments' names, result, answer."""

    does: str
    asks: tuple[str, ...]
    results: tuple[str, ...]
    answer: str


SKIES = ("sunny", "cloudy", "rainy", "windy", "cold", "warm", "dry", "wet")
LANGUAGES = ("French", "German", "Spanish", "Italian", "Portuguese", "Russian", "English")
CITIES = tuple(CAPITALS.values())[:24]
_OKAY = (
    "ok",
    '{{"ok":true}}',
    '{{"ok": true}}',
    "null",
    "done",
    "Done.",
    "OK",
    '{{"status":"ok"}}',
)

FUNCTIONS: dict[str, Function] = {
    "get_weather": Function(
        "the weather in {city}",
        (
            *expand("[What is;How is;What's;Tell me;Show me;I want to know] the weather in {city}"
                    "[?; today?; now?]"),
            *expand("[Is it;Is it going to be] [sunny;warm;cold;rainy] in {city}[?; today?]"),
            *expand("[Weather;The weather;Weather today] in {city}[?;]"),
            "Do I need a coat in {city}?", "Check the weather in {city}.",
            "Will it rain in {city}?",
            "How warm is it in {city}?", "How cold is it in {city}?", "{city} weather",
        ),
        ('{{"temperature":{n},"sky":"{sky}"}}', '{{"temperature": {n}, "sky": "{sky}"}}'),
        "In {city} it is {sky}, with {n} degrees.",
    ),
    "get_time": Function(
        "the time in {country}",
        (
            *expand("[What time is it;What is the time;Tell me the time;How late is it;What's the "
                    "time;Show me the time] in {country}[?; now?; right now?]"),
            *expand("[Time;The time;Time now;Current time] in {country}[?;]"),
            "Which time is it in {country}?", "I need the time in {country}.",
        ),
        ("{h}:{m}", '{{"time":"{h}:{m}"}}', '{{"time": "{h}:{m}"}}'),
        "It is {h}:{m} in {country}.",
    ),
    "get_price": Function(
        "the price of {item}",
        (
            *expand("[What is;What's;Tell me;Show me;I want to know;Find;Check] the price of "
                    "[;a ;one ]{item}[?; please?]"),
            *expand("How [much is;much does;expensive is] [a;one] {item}[?; cost?]"),
            "Price of {item}?", "What does a {item} cost?", "How much for a {item}?",
        ),
        ('{{"price":{n}}}', '{{"price": {n}}}', "{n}", "{n} dollars"),
        "The price of {item} is {n} dollars.",
    ),
    "get_population": Function(
        "the people of {country}",
        (
            *expand("How many people [live in;are in;are there in;are living in] {country}[?; "
                    "now?; today?]"),
            *expand("[What is;Tell me;Show me;What's] the population of {country}[?; please?]"),
            "Population of {country}?", "How many people does {country} have?",
            "How big is the population of {country}?", "{country}'s population?",
        ),
        ('{{"millions":{n}}}', '{{"millions": {n}}}', "{n} million"),
        "{country} has {n} million people.",
    ),
    "translate": Function(
        "{word} in {language}",
        (
            *expand("[Translate;Please translate;Can you translate] [the word ;]{word} [into;to] "
                    "{language}[.; please.]"),
            *expand("[What is;What's;How do I say;How do you say;Say] {word} in {language}[?; "
                    "please?]"),
            "What is the {language} word for {word}?", "What does {word} mean in {language}?",
            "{word} in {language}?", "The {language} word for {word}?",
        ),
        ("{other}", '{{"translation":"{other}"}}', '{{"translation": "{other}"}}', '"{other}"'),
        "In {language}, {word} is {other}.",
    ),
    "set_timer": Function(
        "a timer for {minutes} minutes",
        (
            *expand("[Set;Start;Please set;Make;I need;I want;Can you set] [a timer;the timer;an "
                    "alarm] [for;of] {minutes} minutes[.; please.]"),
            *expand("[Timer;Timer for;A timer for] {minutes} minutes[;.; please]"),
            "Wake me in {minutes} minutes.", "Remind me in {minutes} minutes.",
            "Count down {minutes} minutes.", "Tell me when {minutes} minutes are over.",
        ),
        _OKAY,
        "The timer is set for {minutes} minutes.",
    ),
    "turn_on": Function(
        "the {device} on",
        (
            *expand("[Turn on;Switch on;Please turn on;Can you turn on;Start;Please switch on] the "
                    "{device}[.; please.; now.]"),
            *expand("[Turn;Switch] the {device} on[.; please.; now.]"),
            "I want the {device} on.", "{device} on", "Make the {device} run.",
        ),
        _OKAY,
        "The {device} is on.",
    ),
    "add_item": Function(
        "{item} on the list",
        (
            *expand("[Add;Put;Write;Please add;Can you add;Note] {item} [to;on] [my list;the "
                    "list;the shopping list;my shopping list][.; please.]"),
            "I need to buy {item}.", "We need {item}, add it to the list.", "Buy {item}.",
            "Shopping list: {item}", "{item} for the list", "I have no more {item}.",
        ),
        _OKAY,
        "{item} is on the list.",
    ),
    "play_song": Function(
        "to hear {title}",
        (
            *expand("[Play;Please play;Can you play;I want to hear;Let me hear;Start] [the song ;]"
                    "{title}[.; please.; now.]"),
            "Play me {title}.", "Put on {title}.", "Music: {title}", "Song {title}",
        ),
        _OKAY,
        "Now playing {title}.",
    ),
    "book_table": Function(
        "a table for {people} at {hour}",
        (
            *expand("[Book;Reserve;I need;I want;Get me;Please book;Can you book] a table for "
                    "{people} [;people ]at {hour}[.; please.; o'clock.]"),
            "Table for {people} at {hour}", "We are {people}, book a table at {hour}.",
            "A table for {people} at {hour}, please.", "Dinner for {people} at {hour}.",
        ),
        _OKAY,
        "A table for {people} is booked at {hour}.",
    ),
}  # fmt: skip
