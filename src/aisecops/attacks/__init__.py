"""What an attacker does to a model, each as a library of its own."""
