"""Web applications in a program: what they serve, where they listen, and whether they ask who is calling."""

from aisecops.codebase.serving.applications import Application, applications
from aisecops.codebase.serving.listening import Listening, listening
from aisecops.codebase.serving.routes import Route

__all__ = ["Application", "Listening", "Route", "applications", "listening"]
