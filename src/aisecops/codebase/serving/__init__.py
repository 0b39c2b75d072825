"""Web applications in a program: what they serve, where they listen, and whether they ask who is calling."""

from aisecops.codebase.serving.applications import Application, application_of, applications
from aisecops.codebase.serving.listening import Listening, listening
from aisecops.codebase.serving.routes import Route

__all__ = ["Application", "Listening", "Route", "application_of", "applications", "listening"]
