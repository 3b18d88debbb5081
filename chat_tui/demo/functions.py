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
CITIES = tuple(CAPITALS.values())
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
            *expand("[What is;How is;What's;Tell me;Show me;I want to know;Check;Please check] the "
                    "weather in {city}[?; today?; now?;.]"),
            *expand("[Is it;Is it going to be] [sunny;warm;cold;rainy] in {city}[?; today?]"),
            *expand("[Weather;The weather;Weather today] in {city}[?;]"),
            *expand("[Do I need;Should I take] [a coat;an umbrella] in {city}[?; today?]"),
            *expand("[Will it rain;How warm is it;How cold is it] in {city}[?; today?; now?]"),
            *expand("{city} weather[?;; today; now?]"),
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
            *expand("[Which time is it;I need the time;Do you know the time] in {country}[?;.]"),
            *expand("{country} time[?;; now]"),
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
            *expand("[Price of;Price of a;What about the price of] {item}[?;; please]"),
            *expand("[What does a;What does one;What will a] {item} cost[?; today?; now?]"),
            *expand("How much for [a;one] {item}[?;; please]"), *expand("{item} price[?;]"),
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
            *expand("[Population of;The population of;People in] {country}[?;; today]"),
            *expand("How many people does {country} have[?; now?; today?]"),
            *expand("How [big;large] is the population of {country}[?; now?]"),
            *expand("{country}['s population; population][?;; please; today?]"),
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
            *expand("[What is the;What's the;Tell me the;The] {language} word for {word}[?;]"),
            *expand("What does [;the word ]{word} mean in {language}[?; please?]"),
            *expand("{word} in {language}[?;; please]"),
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
            *expand("[Wake me;Remind me;Ring;Call me] in {minutes} minutes[.;; please.]"),
            *expand("[Count down;Wait] {minutes} minutes[.; please.; from now.]"),
            *expand("[Tell me;Say] when {minutes} minutes are [over;gone;up][.;]"),
        ),
        _OKAY,
        "The timer is set for {minutes} minutes.",
    ),
    "turn_on": Function(
        "the {device} on",
        (
            *expand("[Turn on;Switch on;Please turn on;Can you turn on;Please switch on] the "
                    "{device}[.; please.; now.]"),
            *expand("[Turn;Switch;Please turn;Please switch] the {device} on[.; please.; now.]"),
            *expand("[I want;I need] the {device} on[.;; now.]"),
            *expand("[The ;]{device} on[;.; please]"), *expand("Make the {device} run[.; now.]"),
        ),
        _OKAY,
        "The {device} is on.",
    ),
    "add_item": Function(
        "{item} on the list",
        (
            *expand("[Add;Put;Write;Please add;Can you add;Note] {item} [to;on] [my list;the "
                    "list;the shopping list;my shopping list][.; please.]"),
            *expand("[I need to;We need to;I want to;I must] buy {item}[.;]"),
            *expand("[We;I] need {item}, [add;put] it [to;on] the list[.;]"), "Buy {item}.",
            *expand("[Shopping list;My list;For the list]: {item}[;.]"),
            *expand("{item} for [the;my] list[;.]"),
            *expand("[I have;We have;There is] no more {item}[.;]"),
        ),
        _OKAY,
        "{item} is on the list.",
    ),
    "play_song": Function(
        "to hear {title}",
        (
            *expand("[Play;Please play;Can you play;I want to hear;Let me hear] [the song ;]"
                    "{title}[.; please.; now.]"),
            *expand("[Play me;Play us;Put on] {title}[.;; please.]"),
            *expand("[Music;Song;The song]: {title}[;.]"),
        ),
        _OKAY,
        "Now playing {title}.",
    ),
    "book_table": Function(
        "a table for {people} at {hour}",
        (
            *expand("[Book;Reserve;I need;I want;Get me;Please book;Can you book] a table for "
                    "{people} [;people ]at {hour}[.; please.; o'clock.]"),
            *expand("[Table;A table;Dinner;Lunch] for {people} at {hour}[;.;, please.]"),
            *expand("We are {people}, [book;reserve] a table at {hour}[.;]"),
        ),
        _OKAY,
        "A table for {people} is booked at {hour}.",
    ),
}  # fmt: skip
