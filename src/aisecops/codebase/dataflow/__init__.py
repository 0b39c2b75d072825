"""What a program does with its values: an abstract interpreter for Python with function summaries across modules."""
