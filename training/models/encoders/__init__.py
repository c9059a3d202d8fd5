"""Image classifiers without their classifying end, with the weights they learned on ImageNet."""
