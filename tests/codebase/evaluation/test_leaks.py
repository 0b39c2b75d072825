"""Programs that leak, with the lines marked, and their honest twins."""

from __future__ import annotations

import ast

import pytest

from aisecops.codebase.evaluation import leaks
from aisecops.codebase.syntax.skeleton import body, skeleton
from aisecops.codebase.text import Text

HEAD = """\
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split, cross_val_score, GridSearchCV, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.metrics import accuracy_score
from sklearn.utils import resample
df = pd.read_csv("data.csv")
X = df.drop(columns=["target"])
y = df["target"]
"""
BARE = "import pandas as pd\nfrom sklearn.model_selection import train_test_split\nfrom sklearn.linear_model import LogisticRegression\n"
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
SCORE = "model = LogisticRegression()\nmodel.fit(X_train, y_train)\nprint(model.score(X_test, y_test))\n"

LEAKS = {
    "scale before the split": HEAD + "X = StandardScaler().fit_transform(X)  # !\n" + SPLIT + SCORE,
    "scale in another name": HEAD
    + "scaler = StandardScaler()\nX_scaled = scaler.fit_transform(X)  # !\n"
    + SPLIT.replace("(X,", "(X_scaled,")
    + SCORE,
    "fit, then transform the parts": HEAD
    + "scaler = StandardScaler()\nscaler.fit(X)  # !\n"
    + SPLIT
    + "X_train = scaler.transform(X_train)\nX_test = scaler.transform(X_test)\n"
    + SCORE,
    "fit on everything after the split": HEAD
    + SPLIT
    + "scaler = StandardScaler().fit(X)  # !\nX_train = scaler.transform(X_train)\nX_test = scaler.transform(X_test)\n"
    + SCORE,
    "select before cross-validation": HEAD
    + "X_best = SelectKBest(f_classif, k=20).fit_transform(X, y)  # !\nprint(cross_val_score(LogisticRegression(), X_best, y, cv=5))\n",
    "impute with the mean of all": HEAD.replace("X = df", "df['age'] = df['age'].fillna(df['age'].mean())  # !\nX = df") + SPLIT + SCORE,
    "impute the whole table": HEAD + "X = X.fillna(X.median())  # !\n" + SPLIT + SCORE,
    "standardise by hand": HEAD + "X = (X - X.mean()) / X.std()  # !\n" + SPLIT + SCORE,
    "oversample before": HEAD
    + "from imblearn.over_sampling import SMOTE\nX_res, y_res = SMOTE().fit_resample(X, y)  # !\n"
    + SPLIT.replace("(X, y", "(X_res, y_res")
    + SCORE,
    "copies of the minority": HEAD.split("X = df")[0]
    + "minority = df[df.target == 1]\nmore = resample(minority, replace=True, n_samples=900)  # !\ndf = pd.concat([df[df.target == 0], more])\n"
    + "X = df.drop(columns=['target'])\ny = df['target']\n"
    + SPLIT
    + SCORE,
    "target among the features": BARE + "df = pd.read_csv('d.csv')\ny = df['target']\nX = df\n" + SPLIT.replace("\n", "  # !\n") + SCORE,
    "rows from a parameter": HEAD.split("df = ")[0]
    + "def run(X, y):\n    X = StandardScaler().fit_transform(X)  # !\n    a, b, c, d = train_test_split(X, y)\n    return LogisticRegression().fit(a, c).score(b, d)\n",
    "rows that somebody else loads, split by a function": HEAD.split("df = ")[0]
    + "from ours import load\ndef score(X, y):\n    a, b, c, d = train_test_split(X, y)\n    return LogisticRegression().fit(a, c).score(b, d)\n"
    + "X, y = load()\nX = StandardScaler().fit_transform(X)  # !\nprint(score(X, y))\n",
    "rows kept in self": HEAD.split("df = ")[0]
    + "class Trial:\n    def __init__(self, rows, labels):\n        self.X = StandardScaler().fit_transform(rows)  # !\n        self.y = labels\n"
    + "    def run(self):\n        a, b, c, d = train_test_split(self.X, self.y)\n        return LogisticRegression().fit(a, c).score(b, d)\n",
    "halves cut by hand": HEAD
    + "X = StandardScaler().fit_transform(X)  # !\nn = int(0.8 * len(X))\nprint(LogisticRegression().fit(X[:n], y[:n]).score(X[n:], y[n:]))\n",
    "the best pair is kept": HEAD.split("df = ")[0]
    + "def tune(X, y):\n    a, b, c, d = train_test_split(X, y)\n    best, top = None, 0\n    for C in (1, 10):\n"
    + "        m = LogisticRegression(C=C).fit(a, c)\n        s = m.score(b, d)\n        if s > top:  # !\n            best, top = m, s\n"
    + "    return best, best.score(b, d)\n",
    "rows by numbers": HEAD
    + "from sklearn.decomposition import PCA\nfrom ours import divide\nX = PCA(9).fit_transform(X)  # !\ntrain_idx, test_idx = divide(y)\n"
    + "print(LogisticRegression().fit(X[train_idx], y[train_idx]).score(X[test_idx], y[test_idx]))\n",
    "a booster stopped by the test part": HEAD
    + "import xgboost as xgb\n"
    + SPLIT
    + "train, test = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_test, y_test)\n"
    + "booster = xgb.train({}, train, 999, evals=[(test, 'test')], early_stopping_rounds=9)  # !\nprint(accuracy_score(y_test, booster.predict(test)))\n",
    "another column dropped": BARE
    + "df = pd.read_csv('d.csv')\ny = df['label']\nX = df.drop(columns=['id'])\n"
    + SPLIT.replace("\n", "  # !\n")
    + SCORE,
    "target in the list": BARE
    + "df = pd.read_csv('d.csv')\ncolumns = ['a', 'b', 'label']\nX = df[columns]\ny = df['label']\n"
    + SPLIT.replace("\n", "  # !\n")
    + SCORE,
    "trained on the test part": HEAD + SPLIT + "model = LogisticRegression()\nmodel.fit(X_test, y_test)  # !\nprint(model.score(X_test, y_test))\n",
    "trained on everything": HEAD + SPLIT + "model = LogisticRegression().fit(X, y)  # !\nprint(accuracy_score(y_test, model.predict(X_test)))\n",
    "early stop on test": HEAD
    + SPLIT
    + "from xgboost import XGBClassifier\nmodel = XGBClassifier(early_stopping_rounds=10)\n"
    + "model.fit(X_train, y_train, eval_set=[(X_test, y_test)])  # !\nprint(accuracy_score(y_test, model.predict(X_test)))\n",
    "tuned on test": HEAD
    + SPLIT
    + "best = 0\nfor c in (0.1, 1, 10):\n    model = LogisticRegression(C=c).fit(X_train, y_train)\n    score = model.score(X_test, y_test)\n"
    + "    if score > best:  # !\n        best = score\nprint(best)\n",
    "in functions": BARE
    + "from sklearn.preprocessing import MinMaxScaler\ndef load():\n    return pd.read_csv('d.csv')\ndef prepare(data):\n    scaler = MinMaxScaler()\n"
    + "    return scaler.fit_transform(data)  # !\ndef main():\n    data = load()\n    y = data.pop('y')\n    X = prepare(data)\n"
    + "    a, b, c, d = train_test_split(X, y)\n    m = LogisticRegression()\n    m.fit(a, c)\n    print(m.score(b, d))\nmain()\n",
    "a column made of the target": BARE
    + "df = pd.read_csv('d.csv')\ndf['left'] = df['gone'] * df['months']\nX = df[['months', 'left']]\ny = df['gone']\n"
    + SPLIT.replace("\n", "  # !\n")
    + SCORE,
    "a column made of the target by a detour": BARE
    + "df = pd.read_csv('d.csv')\ndf['a'] = df['gone'] + 1\ndf['b'] = df['a'] * df['months']\nX = df.drop(columns=['gone', 'a'])\ny = df['gone']\n"
    + SPLIT.replace("\n", "  # !\n")
    + SCORE,
    "what the target was made of": BARE
    + "df = pd.read_csv('d.csv')\ndf['rich'] = (df['income'] > 9).astype(int)\nX = df.drop(columns=['rich'])\ny = df['rich']\n"
    + SPLIT.replace("\n", "  # !\n")
    + SCORE,
    "means by group, merged": BARE
    + "df = pd.read_csv('d.csv')\nmeans = df.groupby('ward')['y'].mean().rename('rate').reset_index()\ndf = df.merge(means, on='ward')  # !\n"
    + "train, test = train_test_split(df)\nmodel = LogisticRegression().fit(train[['rate', 'age']], train['y'])\nprint(model.score(test[['rate', 'age']], test['y']))\n",
    "means by group, aggregated and merged": BARE
    + "df = pd.read_csv('d.csv')\nmeans = df.groupby('ward', as_index=False).agg({'y': 'mean'})\ndf = pd.merge(df, means, on='ward')  # !\n"
    + "train, test = train_test_split(df)\nmodel = LogisticRegression().fit(train[['rate', 'age']], train['y'])\nprint(model.score(test[['rate', 'age']], test['y']))\n",
    "means by group, looked up": BARE
    + "df = pd.read_csv('d.csv')\nmeans = df.groupby('ward')['y'].mean()\ndf['rate'] = df['ward'].map(means)  # !\ntrain, test = train_test_split(df)\n"
    + "model = LogisticRegression().fit(train[['rate', 'age']], train['y'])\nprint(model.score(test[['rate', 'age']], test['y']))\n",
    "in a class that cuts by hand": BARE
    + "from sklearn.preprocessing import MinMaxScaler\nclass Trial:\n    def __init__(self, X, y):\n        self.X, self.y = X, y\n        self.scaler = MinMaxScaler()\n"
    + "    def prepare(self):\n        self.X = self.scaler.fit_transform(self.X)  # !\n        n = int(len(self.X) * 0.8)\n"
    + "        self.X_tr, self.X_te = self.X[:n], self.X[n:]\n        self.y_tr, self.y_te = self.y[:n], self.y[n:]\n"
    + "    def run(self):\n        self.prepare()\n        model = LogisticRegression().fit(self.X_tr, self.y_tr)\n        return model.score(self.X_te, self.y_te)\n",
    "in a class": BARE
    + "from sklearn.decomposition import PCA\nclass Study:\n    def __init__(self):\n        self.df = pd.read_csv('d.csv')\n        self.pca = PCA(5)\n"
    + "    def run(self):\n"
    + "        y = self.df.pop('y')\n        X = self.pca.fit_transform(self.df)  # !\n        a, b, c, d = train_test_split(X, y)\n"
    + "        m = LogisticRegression().fit(a, c)\n        return m.score(b, d)\n",
    "rows by number": HEAD
    + "X = StandardScaler().fit_transform(X)  # !\nfor train, test in KFold(5).split(X):\n    m = LogisticRegression().fit(X[train], y[train])\n"
    + "    print(accuracy_score(y[test], m.predict(X[test])))\n",
    "a slice by hand": HEAD
    + "X = StandardScaler().fit_transform(X)  # !\nX_train = X[:800]\nX_test = X[800:]\n"
    + "m = LogisticRegression().fit(X_train, y[:800])\nprint(m.score(X_test, y[800:]))\n",
    "words of all texts": BARE
    + "from sklearn.feature_extraction.text import TfidfVectorizer\ndf = pd.read_csv('m.csv')\nX = TfidfVectorizer().fit_transform(df['text'])  # !\n"
    + "y = df['spam']\n"
    + SPLIT
    + SCORE,
    "search on everything": HEAD
    + SPLIT
    + "search = GridSearchCV(LogisticRegression(), {'C': [1, 10]})\nsearch.fit(X, y)  # !\nprint(search.score(X_test, y_test))\n",
    "columns by correlation": HEAD.split("X = df")[0]
    + "corr = df.corr()['target'].abs()\ncolumns = corr[corr > 0.2].index\nX = df[columns]  # !\ny = df['target']\n"
    + SPLIT
    + SCORE,
    "target encoding by hand": HEAD.split("X = df")[0]
    + "df['city_rate'] = df.groupby('city')['target'].transform('mean')  # !\nX = df.drop(columns=['target'])\ny = df['target']\n"
    + SPLIT
    + SCORE,
    "test joined to train": BARE
    + "from sklearn.preprocessing import StandardScaler\ntrain = pd.read_csv('train.csv')\ntest = pd.read_csv('test.csv')\nboth = pd.concat([train, test])\n"
    + "scaler = StandardScaler().fit(both)  # !\nm = LogisticRegression().fit(scaler.transform(train), train['y'])\nprint(m.score(scaler.transform(test), test['y']))\n",
    "lagged columns, split at random": HEAD.replace("X = df", 'df["lag"] = df["sales"].shift(1)\nX = df') + SPLIT.replace("\n", "  # !\n") + SCORE,
    "groups that folds do not look at": HEAD
    + "print(cross_val_score(LogisticRegression(), X, y, groups=df['patient'], cv=KFold(5, shuffle=True)))  # !\n",
    "an objective that scores on the test part": HEAD
    + "import optuna\n"
    + SPLIT
    + "def objective(trial):\n    model = LogisticRegression(C=trial.suggest_float('C', 1, 9)).fit(X_train, y_train)\n    return model.score(X_test, y_test)\n"
    + "study = optuna.create_study()\nstudy.optimize(objective, n_trials=9)  # !\n"
    + SCORE,
    "scale a series, cut it in windows that overlap": HEAD
    + "X = StandardScaler().fit_transform(X)  # !\nn = 80\ntrain, test = X[:n], X[n - 5:]\n"
    + "def windows(rows):\n    xs = []\n    for i in range(5, len(rows)):\n        xs.append(rows[i - 5:i])\n    return np.array(xs), rows[5:]\n"
    + "a, b = windows(train)\nc, d = windows(test)\nmodel = LogisticRegression().fit(a, b)\nprint(model.score(c, d))\n",
    "a polars expression over all rows": "import polars as pl\nfrom sklearn.linear_model import LogisticRegression\nframe = pl.read_csv('a.csv')\n"
    + "frame = frame.with_columns((pl.col('x') - pl.col('x').mean()).alias('x'))  # !\ntrain, test = frame[:9], frame[9:]\n"
    + "model = LogisticRegression().fit(train.drop('y'), train['y'])\nprint(model.score(test.drop('y'), test['y']))\n",
}
HONEST = {
    "means by group of the training part": BARE
    + "df = pd.read_csv('d.csv')\ntrain, test = train_test_split(df)\nmeans = train.groupby('ward')['y'].mean()\n"
    + "train['rate'], test['rate'] = train['ward'].map(means), test['ward'].map(means)\n"
    + "model = LogisticRegression().fit(train[['rate', 'age']], train['y'])\nprint(model.score(test[['rate', 'age']], test['y']))\n",
    "a column made of the target and left out": BARE
    + "df = pd.read_csv('d.csv')\ndf['left'] = df['gone'] * df['months']\nX = df[['months', 'age']]\ny = df['gone']\n"
    + SPLIT
    + SCORE,
    "what the target was made of and left out": BARE
    + "df = pd.read_csv('d.csv')\ndf['rich'] = (df['income'] > 9).astype(int)\nX = df.drop(columns=['rich', 'income'])\ny = df['rich']\n"
    + SPLIT
    + SCORE,
    "tomorrow's price": BARE
    + "df = pd.read_csv('d.csv')\ndf['next'] = df['close'].shift(-1)\nX = df.drop(columns=['next'])\ny = df['next']\n"
    + SPLIT.replace("random_state=0", "shuffle=False")
    + SCORE,
    "the target of the day before": BARE
    + "df = pd.read_csv('d.csv')\ndf['before'] = df['sales'].shift(1)\nX = df[['before', 'age']]\ny = df['sales']\n"
    + SPLIT.replace("random_state=0", "shuffle=False")
    + SCORE,
    "means by group of the training part, merged": BARE
    + "df = pd.read_csv('d.csv')\ntrain, test = train_test_split(df)\nmeans = train.groupby('ward')['y'].mean().reset_index()\n"
    + "train, test = train.merge(means, on='ward'), test.merge(means, on='ward')\n"
    + "model = LogisticRegression().fit(train[['rate', 'age']], train['y'])\nprint(model.score(test[['rate', 'age']], test['y']))\n",
    "a scaler that is handed over": HEAD
    + "def scaled(rows, scaler=None):\n    if scaler is None:\n        scaler = StandardScaler().fit(rows)\n    return scaler.transform(rows), scaler\n"
    + SPLIT
    + "X_train, scaler = scaled(X_train)\nX_test, _ = scaled(X_test, scaler)\n"
    + SCORE,
    "lagged columns, split by time": HEAD.replace("X = df", 'df["lag"] = df["sales"].shift(1)\nX = df')
    + SPLIT.replace("random_state=0", "shuffle=False")
    + SCORE,
    "folds that look at groups": HEAD + "from sklearn.model_selection import GroupKFold\n"
    "print(cross_val_score(LogisticRegression(), X, y, groups=df['patient'], cv=GroupKFold(5)))\n",
    "an objective that cross-validates": HEAD
    + "import optuna\n"
    + SPLIT
    + "def objective(trial):\n    return cross_val_score(LogisticRegression(C=trial.suggest_float('C', 1, 9)), X_train, y_train).mean()\n"
    + "study = optuna.create_study()\nstudy.optimize(objective, n_trials=9)\n"
    + SCORE,
    "a polars expression over the training rows": "import polars as pl\nfrom sklearn.linear_model import LogisticRegression\nframe = pl.read_csv('a.csv')\n"
    + "train, test = frame[:9], frame[9:]\ntrain = train.with_columns((pl.col('x') - pl.col('x').mean()).alias('x'))\n"
    + "model = LogisticRegression().fit(train.drop('y'), train['y'])\nprint(model.score(test.drop('y'), test['y']))\n",
    "two clouds of one size": HEAD.split("df = ")[0]
    + "def compare(n):\n    X = np.concatenate([np.random.randn(n // 2, 3), np.random.randn(n // 2, 3) + 1])\n    y = np.array([0] * (n // 2) + [1] * (n // 2))\n"
    + "    return cross_val_score(LogisticRegression().fit(X, y), X, y)\n",
    "an estimator that keeps some rows to choose by": HEAD.split("df = ")[0]
    + "class Best:\n    def fit(self, X, y):\n        X = StandardScaler().fit_transform(X)\n        a, X_val, c, y_val = train_test_split(X, y)\n        top = 0\n"
    + "        for C in (1, 10):\n            m = LogisticRegression(C=C).fit(a, c)\n            s = m.score(X_val, y_val)\n"
    + "            if s > top:\n                top, self.best = s, m\n        return self\n",
    "a validation part chooses": HEAD.split("df = ")[0]
    + "def choose(X, y):\n    a, X_val, c, y_val = train_test_split(X, y)\n    best, top = None, 0\n    for C in (1, 10):\n"
    + "        s = LogisticRegression(C=C).fit(a, c).score(X_val, y_val)\n        if s > top:\n            best, top = C, s\n    return best\n",
    "parameters split first": HEAD.split("df = ")[0]
    + "def run(X, y):\n    a, b, c, d = train_test_split(X, y)\n    s = StandardScaler().fit(a)\n"
    + "    return LogisticRegression().fit(s.transform(a), c).score(s.transform(b), d)\n",
    "halves cut by hand first": HEAD
    + "n = int(0.8 * len(X))\ns = StandardScaler().fit(X[:n])\nm = LogisticRegression().fit(s.transform(X[:n]), y[:n])\nprint(m.score(s.transform(X[n:]), y[n:]))\n",
    "scaled by parameter, cut in windows": HEAD
    + "X = StandardScaler().fit_transform(X)\nm = LogisticRegression()\nm.fit(X[:10], y[:10])\nprint(X[20:], m.predict(X))\n",
    "split first": HEAD + SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)\n" + SCORE,
    "pipeline": HEAD + SPLIT + "m = make_pipeline(StandardScaler(), LogisticRegression())\nm.fit(X_train, y_train)\nprint(m.score(X_test, y_test))\n",
    "pipeline in cross-validation": HEAD
    + "m = Pipeline([('s', StandardScaler()), ('k', SelectKBest(k=5)), ('m', LogisticRegression())])\nprint(cross_val_score(m, X, y))\n",
    "no score": HEAD
    + "X = StandardScaler().fit_transform(X)\nmodel = LogisticRegression().fit(X, y)\nimport joblib\njoblib.dump(model, 'm.joblib')\n",
    "oversample the training part": HEAD
    + "from imblearn.over_sampling import SMOTE\n"
    + SPLIT
    + "X_train, y_train = SMOTE().fit_resample(X_train, y_train)\n"
    + SCORE,
    "labels encoded": HEAD + "from sklearn.preprocessing import LabelEncoder\ny = LabelEncoder().fit_transform(y)\n" + SPLIT + SCORE,
    "search on train": HEAD
    + SPLIT
    + "s = GridSearchCV(LogisticRegression(), {'C': [1, 10]})\ns.fit(X_train, y_train)\nprint(s.best_score_, s.score(X_test, y_test))\n",
    "validation part": HEAD
    + SPLIT
    + "from xgboost import XGBClassifier\nX_tr, X_val, y_tr, y_val = train_test_split(X_train, y_train)\nm = XGBClassifier(early_stopping_rounds=5)\n"
    + "m.fit(X_tr, y_tr, eval_set=[(X_val, y_val)])\nprint(accuracy_score(y_test, m.predict(X_test)))\n",
    "constant fill": HEAD + "X = X.fillna(0)\n" + SPLIT + SCORE,
    "refit for release": HEAD + SPLIT + SCORE + "final = LogisticRegression().fit(X, y)\nimport joblib\njoblib.dump(final, 'm')\n",
    "folds done right": HEAD
    + "for train, test in KFold(5).split(X):\n    s = StandardScaler().fit(X.iloc[train])\n    m = LogisticRegression().fit(s.transform(X.iloc[train]), y.iloc[train])\n"
    + "    print(accuracy_score(y.iloc[test], m.predict(s.transform(X.iloc[test]))))\n",
    "two files": BARE
    + "from sklearn.preprocessing import StandardScaler\ntrain = pd.read_csv('train.csv')\ntest = pd.read_csv('test.csv')\ny = train.pop('y')\nyt = test.pop('y')\n"
    + "s = StandardScaler().fit(train)\nm = LogisticRegression().fit(s.transform(train), y)\nprint(m.score(s.transform(test), yt))\n",
    "popped": BARE + "df = pd.read_csv('d.csv')\ny = df.pop('target')\nX_train, X_test, y_train, y_test = train_test_split(df, y)\n" + SCORE,
    "mean of train": HEAD + SPLIT + "m = X_train.mean()\nX_train = X_train.fillna(m)\nX_test = X_test.fillna(m)\n" + SCORE,
    "pixels": HEAD + "X = X / 255.0\n" + SPLIT + SCORE,
    "one hot": HEAD + "X = pd.get_dummies(X)\n" + SPLIT + SCORE,
    "clustering": HEAD
    + "from sklearn.cluster import KMeans\nfrom sklearn.decomposition import PCA\nX = PCA(2).fit_transform(StandardScaler().fit_transform(X))\nKMeans(3).fit(X)\n",
    "another corpus": HEAD
    + "from sklearn.feature_extraction.text import TfidfVectorizer\nwiki = pd.read_csv('wiki.csv')\nv = TfidfVectorizer().fit(wiki['text'])\n"
    + SPLIT
    + "m = LogisticRegression().fit(v.transform(X_train), y_train)\nprint(m.score(v.transform(X_test), y_test))\n",
    "the last column": BARE + "df = pd.read_csv('d.csv')\nX = df.iloc[:, :-1]\ny = df.iloc[:, -1]\n" + SPLIT + SCORE,
    "columns by a list": BARE + "df = pd.read_csv('d.csv')\nX = df[['a', 'b']]\ny = df['label']\n" + SPLIT + SCORE,
    "columns but one": BARE + "df = pd.read_csv('d.csv')\nX = df.loc[:, df.columns != 'label']\ny = df['label']\n" + SPLIT + SCORE,
    "columns by comprehension": BARE
    + "df = pd.read_csv('d.csv')\nX = df[[c for c in df.columns if c != 'label']]\ny = df['label']\n"
    + SPLIT
    + SCORE,
}


class NoOthers:
    def module(self, importer: str, name: str, level: int) -> None:
        return None

    def body(self, path: str, node: ast.AST) -> list[ast.stmt]:
        return []


def lines(text: str) -> set[int]:
    return {leak.lesson.line for leak in leaks("a.py", ast.parse(text), text, NoOthers())}


@pytest.mark.parametrize("name", LEAKS)
def test_leaks_are_found_where_they_are(name: str) -> None:
    text = LEAKS[name]
    assert lines(text) == {number for number, line in enumerate(text.split("\n"), 1) if "# !" in line}


@pytest.mark.parametrize("name", HONEST)
def test_honest_twins_pass(name: str) -> None:
    assert lines(HONEST[name]) == set()


class Project:
    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def module(self, importer: str, name: str, level: int) -> tuple[str, ast.Module] | None:
        path = name.replace(".", "/") + ".py"
        return (path, skeleton(ast.parse(self.files[path]))) if path in self.files else None

    def body(self, path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
        return body(Text(self.files[path]), node)


@pytest.mark.parametrize("long", ["", "    print(1)\n" * 5], ids=["short", "long"])
def test_other_modules_are_followed(long: str) -> None:
    prepare = f"from sklearn.preprocessing import StandardScaler\nscaler = None\ndef scaled(X):\n{long}    return StandardScaler().fit_transform(X)\n"
    main = HEAD + "from prepare import scaled\nX = scaled(X)\n" + SPLIT + SCORE
    (leak,) = leaks("a.py", ast.parse(main), main, Project({"prepare.py": prepare}))
    assert leak.lesson.line == 14
