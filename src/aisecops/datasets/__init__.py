"""Tables, images and text: how they are read, and the ``Domain`` that says which of their values make sense."""
