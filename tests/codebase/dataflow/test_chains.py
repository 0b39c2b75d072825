"""A chain gives what its model gives, in the form of its parser; functions in it get the answer; its prompt remembers what stands in the system message."""

from __future__ import annotations

import pytest

from tests.codebase.programs import interpreted

HEAD = """
from langchain_core.output_parsers import PydanticOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, SystemMessagePromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_openai import ChatOpenAI
from flask import request
from typing import Literal
from pydantic import BaseModel
class Choice(BaseModel):
    side: Literal["left", "right"]
    note: str
prompt = ChatPromptTemplate.from_messages([("system", "You are {persona}, {{not a variable}}."), ("human", "{question}")])
model = ChatOpenAI(model="gpt-4o")
"""


def categories(text: str) -> set[str]:
    module = interpreted(HEAD + text, {})
    return {hit.entry.sink for hit in module.hits}


@pytest.mark.parametrize(
    "chain", ["prompt | model", "prompt | model | StrOutputParser()", "{'question': lambda x: x} | prompt | model", "model | StrOutputParser()"]
)
@pytest.mark.parametrize("asked", ["invoke({})", "stream({})", "batch([{}])[0]", "ainvoke({})"])
def test_a_chain_gives_what_a_model_has_written(chain: str, asked: str) -> None:
    assert categories(f"chain = {chain}\neval(chain.{asked})") == {"model-output-to-code"}


def test_a_parser_gives_the_answer_its_form() -> None:
    chain = "chain = prompt | model | PydanticOutputParser(pydantic_object=Choice)\nanswer = chain.invoke({})\n"
    assert categories(chain + "eval(answer.note)") == {"model-output-to-code"}
    assert categories(chain + "eval(answer.side)") == set()


@pytest.mark.parametrize("step", ["run", "RunnableLambda(run)", "RunnableLambda(lambda text: run(text))", "{'result': run}"])
def test_a_function_behind_a_model_gets_the_answer(step: str) -> None:
    assert categories(f"def run(text):\n    return eval(text)\nchain = prompt | model | StrOutputParser() | {step}") == {"model-output-to-code"}


def test_a_function_before_the_model_does_not() -> None:
    assert categories("def run(text):\n    return eval(text)\nchain = RunnableLambda(run) | prompt | model") == set()


@pytest.mark.parametrize(
    "filled",
    ["prompt.invoke({'persona': x})", "prompt.format_messages(persona=x)", "(prompt | model).invoke({'persona': x})", "prompt.partial(persona=x)"],
)
def test_a_variable_of_the_system_message_is_part_of_it(filled: str) -> None:
    assert "prompt-injection" in categories(f"def ask():\n    x = request.json['x']\n    return {filled}")
    assert "prompt-injection" not in categories(f"def ask():\n    x = request.json['x']\n    return {filled.replace('persona', 'question')}")


def test_a_template_of_a_system_message_keeps_its_variables() -> None:
    made = "made = ChatPromptTemplate.from_messages([SystemMessagePromptTemplate.from_template('You are {role}')])\n"
    assert "prompt-injection" in categories(made + "def ask():\n    return made.invoke({'role': request.json['x']})")
    assert "prompt-injection" not in categories(made + "def ask():\n    return made.invoke({'role': 'teacher', 'more': request.json['x']})")
