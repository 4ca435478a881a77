"""A model of a run as a folder of its own: adapter merged, ONNX or int8, and scored again from where it was written."""
