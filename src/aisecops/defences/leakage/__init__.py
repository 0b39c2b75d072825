"""Defences of training data: what a model gives away less of, and what that costs.

=======================  ==================================================================================================
``outputs``              answers that tell less: rounding, the first classes, labels alone, temperature (no retraining)
``capacity``             models that can hold less: depth, rows in a leaf
``regularisation``       models that are pulled towards simplicity
``early_stopping``       models that stop learning before they know rows by heart
``private_training``     differentially private training of networks (Opacus)
``retraining``           a declared model trained anew with other parameters, in quarantine
``recommendation``       which setting to take, by a rule that is written down
=======================  ==================================================================================================
"""
