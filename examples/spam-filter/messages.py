"""Text messages, honest and spam, from templates: everyday words stand in both, and some of each look like the other. No real person or number is in it."""

from __future__ import annotations

import random
import re

SLOTS = {
    "name": "Sam Priya Jonas Mia Olu Karin Ben Leila Tom Ana Rosa Max Ivy Noor Emil".split(),
    "greeting": ["hi", "hey", "hello", "morning", "Hi {name},", "hey {name}", "oi", ""],
    "day": "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight".split(),
    "hour": ["{digit}pm", "{digit}.30", "half past {digit}", "noon", "{digit} o'clock"],
    "place": ["the station", "work", "mum's", "the gym", "the library", "town", "the cafe", "school", "my place", "the office"],
    "food": ["milk", "bread", "rice", "some fruit", "pizza", "coffee", "noodles", "a cake"],
    "thing": ["the report", "your keys", "the tickets", "my charger", "the notes", "the forms", "that book", "the invoice"],
    "feeling": ["so tired", "really happy", "a bit ill", "starving", "running late", "stuck in traffic", "free now", "done here"],
    "close": ["see you", "x", "talk later", "let me know", "call me when you can", "love you", "thanks!", "ok?", "no rush", ""],
    "amount": ["£{hundreds}", "${hundreds}", "{hundreds} pounds", "{hundreds} cash", "£{digit},000"],
    "prize": [
        "a {amount} prize",
        "a free holiday for two",
        "a new phone",
        "{amount} in cash",
        "a guaranteed gift",
        "bonus tickets",
        "a luxury cruise",
    ],
    "urgency": ["urgent!", "final notice:", "last chance!", "act now!", "today only:", "important message:", "congratulations!", "WINNER!!"],
    "number": ["0{digit}00 {hundreds} {hundreds}", "8{digit}{hundreds}", "090{hundreds}{hundreds}"],
    "link": ["www.{domain}.example/{code}", "http://{domain}.example", "{domain}.example/claim"],
    "domain": "fast-cash secure-login prize-desk mega-deals my-parcel top-credit tone-club".split(),
    "code": "win24 k9x2 claim go77 bonus reg1 acc".split(),
    "tariff": ["150p per msg", "std rates apply", "18+ only", "T&Cs apply", "reply STOP to end", "cost £1.50 a week", ""],
    "firm": ["your bank", "the delivery service", "the tax office", "mobile services", "customer care", "account security"],
}
HAM = (
    "{greeting} are you free {day}? {close}",
    "{greeting} i'm {feeling}, will be at {place} around {hour}. {close}",
    "can you get {food} and {food} on the way home? {close}",
    "{greeting} did you find {thing}? i think i left it at {place}",
    "sorry i missed your call, i was at {place}. {close}",
    "{name} says the meeting is moved to {hour} {day}, please bring {thing}",
    "happy birthday {name}! hope you win at bowling {day} {close}",
    "lol that was so funny, tell {name}. {close}",
    "i sent {thing} this morning, reply if you need anything else",
    "{greeting} what time does the film start {day}? {hour} or later",
    "just got my phone back, text me on this number now. {close}",
    "we won the match!! drinks at {place} {day}, {name} is paying",
    "your parcel is with {name} next door, i'll collect it {hour}",
    "dad wants to know if you claim the money back for {thing}",
    "don't forget to pay the rent, {amount} each. {close}",
    "i'm {feeling}. can we do {day} instead? {close}",
    "ok. see you at {place} {hour}",
    "the offer from the new job came today, i'm {feeling}!! call me",
    "how was the exam? {name} said it was long but fine",
    "please call the doctor before {hour}, it's not urgent",
    "{firm}: your code is {hundreds}. never share it, we will not ask for it",
    "{firm}: {amount} was paid to {name} {day}. not you? call {number}",
    "the delivery service: your parcel arrives {day} around {hour}, track it at {link}",
    "reminder: your appointment is {day} at {hour}. reply STOP to end",
    "thanks for your order of {amount}, details: {link}",
    "new number! it's {name}, text me on {number}. {close}",
    "{greeting} can you send me {amount} for {thing}? will pay you back {day}",
)
SPAM = (
    "{urgency} you have won {prize}. call {number} now to claim. {tariff}",
    "{urgency} your mobile was selected to receive {prize}! reply WIN to {number}. {tariff}",
    "free entry to win {prize}, text GO to {number} {tariff}",
    "{firm}: we noticed a problem with your account. verify at {link} within 24 hours",
    "{firm}: your parcel could not be delivered, pay {amount} at {link}",
    "cheap loans up to {amount}, no credit check! apply today at {link} {tariff}",
    "{greeting} it's {name}, i changed my number. can you send {amount} today? pay at {link}",
    "get the latest ringtones and games free for a week! text TONE to {number}. {tariff}",
    "hot singles near you want to chat {day}! call {number}, {tariff}",
    "{urgency} claim {prize} at {link} before {day}, offer ends soon. {tariff}",
    "you are owed a refund of {amount} from {firm}. claim it at {link}",
    "last {digit} places! double your savings with our crypto offer, join free: {link}",
    "{urgency} your subscription ends {day}. call {number} to keep your free minutes",
    "{greeting} it's {name}, i lost my phone, text me on {number}. {close}",
    "{greeting} can you lend me {amount} until {day}? i'm {feeling}. {close}",
    "{firm}: {amount} was paid from your account. not you? verify at {link}",
    "your parcel is {feeling}, collect it {day}: {link}",
    "thanks for your order. we could not take {amount}, pay at {link}",
    "{greeting} are you free {day}? earn {amount} a week from home, details: {link}",
)


def make_messages(count: int = 4000, *, spam: float = 0.2, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return ``count`` different messages and their labels, ``ham`` or ``spam``."""
    rng = random.Random(seed)
    made: dict[str, str] = {}
    while len(made) < count:
        label = int(rng.random() < spam)
        text = _written(rng, label)
        made.setdefault(text, "spam" if label else "ham")
    return list(made), list(made.values())


def _written(rng: random.Random, label: int) -> str:
    templates = SPAM if label else HAM
    text = _filled(rng, rng.choice(templates))
    if rng.random() < 0.5:
        text += " " + _filled(rng, rng.choice(HAM if not label or rng.random() < 0.1 else SPAM))
    if rng.random() < (0.25 if label else 0.05):
        text = text.upper()
    return re.sub(r"\s+", " ", text).strip()


def _filled(rng: random.Random, text: str) -> str:
    while slot := re.search(r"\{(\w+)\}", text):
        value = str(rng.randint(1, 9)) if slot[1] == "digit" else str(rng.randint(100, 999)) if slot[1] == "hundreds" else rng.choice(SLOTS[slot[1]])
        text = text[: slot.start()] + value + text[slot.end() :]
    return text
