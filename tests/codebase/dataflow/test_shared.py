"""What one function leaves for another: in attributes, globals, and where frameworks keep things, whichever comes first in the text."""

from __future__ import annotations

import textwrap

import pytest

from tests.codebase.programs import interpreted

_HEAD = """
from fastapi import FastAPI
from openai import OpenAI
client = OpenAI()
app = FastAPI()
def ask(system):
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "system", "content": system}])
"""
_ATTRIBUTE = """
class Bot:
    def __init__(self):
        self.persona = "kind"
    def chat(self):
        return ask("You are " + self.describe())
    def describe(self):
        return self.persona.strip()
    def become(self, persona):
        self.persona = persona
bot = Bot()
@app.post("/persona")
def persona(text: str, count: int):
    bot.become({})
"""
_GLOBAL = """
RULES = {{}}
def chat(channel):
    return ask("Rules: " + RULES.get(channel, ""))
def remember(channel, text):
    RULES[channel] = text
@app.post("/rules")
def rules(channel: str, text: str, count: int):
    remember(channel, {})
"""
_STORE = """
import chainlit as cl
@cl.on_chat_resume
async def chat():
    return ask("Rules: " + cl.user_session.get("rules"))
@cl.on_message
async def rules(message: cl.Message):
    count = int(message.content)
    text = message.content
    cl.user_session.set("{}", text)
"""


def hits(program: str) -> list[int]:
    return [hit.span.line for hit in interpreted(textwrap.dedent(program)).hits if hit.entry.sink == "prompt-injection"]


@pytest.mark.parametrize(
    ("program", "taken", "harmless"), [(_ATTRIBUTE, "text", "str(count)"), (_GLOBAL, "text", "str(count)"), (_STORE, "rules", "other")]
)
def test_text_that_one_function_keeps_reaches_another(program: str, taken: str, harmless: str) -> None:
    assert hits(_HEAD + program.format(taken))
    assert not hits(_HEAD + program.format(harmless))


def test_what_a_context_holds_is_what_the_program_gave_it() -> None:
    program = """
    from dataclasses import dataclass
    from fastapi import FastAPI
    from pydantic_ai import Agent, RunContext
    app = FastAPI()
    @dataclass
    class Deps:
        number: int
        note: str
    agent = Agent("openai:gpt-4o", deps_type=Deps)
    @agent.system_prompt
    def about(ctx: RunContext[Deps]) -> str:
        return f"About the customer: {ctx.deps.FIELD}"
    @app.post("/chat")
    async def chat(number: int, note: str, question: str):
        return (await agent.run(question, deps=Deps(number=number, note=note))).output
    """
    assert hits(program.replace("FIELD", "note"))
    assert not hits(program.replace("FIELD", "number"))


def test_a_client_that_is_handed_over_fetches_pages_of_others() -> None:
    program = """
    import httpx
    from litellm import completion
    def page(client, url):
        return client.get(url).text
    def ask():
        with httpx.Client() as client:
            text = page(client, "https://example.com")
        return completion(model="m", messages=[{"role": "ROLE", "content": text}])
    """
    assert hits(program.replace("ROLE", "system"))
    assert not hits(program.replace("ROLE", "user"))


def test_a_node_of_a_graph_changes_the_state_that_it_was_given() -> None:
    program = """
    import httpx
    from langchain_core.messages import HumanMessage, SystemMessage
    from langgraph.graph import StateGraph
    def answer(state):
        return {"messages": [KIND(content=state["page"])]}
    def fetch(state):
        state["page"] = httpx.get(state["url"]).text
        return state
    builder = StateGraph(dict)
    builder.add_node("answer", answer)
    builder.add_node("fetch", fetch)
    """
    assert hits(program.replace("KIND", "SystemMessage"))
    assert not hits(program.replace("KIND", "HumanMessage"))
