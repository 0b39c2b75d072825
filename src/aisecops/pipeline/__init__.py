"""From assets and checks to results: the plan, the cache, the engine that runs the checks apart from us, and the assembling of what they said."""
