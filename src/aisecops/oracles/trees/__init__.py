"""The trees inside models: one file per framework, each turning its models into ``TreeEnsemble`` exactly, or saying why it cannot."""
